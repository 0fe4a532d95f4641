#include "format/mpegts/program.hpp"

#include <gtest/gtest.h>

#include <array>

#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

/// Writes small frames and tells the PCRs of each.
struct Fixture {
  explicit Fixture(const media::Tracks& list, const MuxerOptions& options = {}) : program(list, options, 0) {}

  std::vector<std::int64_t> clocks(std::uint32_t track, std::int64_t dts) {
    ElementaryBytes es;
    const Bytes data = sample::coded(20);
    es.borrow(data);
    Bytes out;
    ByteWriter w(out);
    program.pes(w, *program.find(track), sample::frame(track, dts, {}), es);
    std::vector<std::int64_t> found;
    for (const auto& packet : sample::packets(out)) {
      if (packet.pcr) found.push_back(static_cast<std::int64_t>(*packet.pcr));
    }
    return found;
  }

  Program program;
};

using Clocks = std::vector<std::int64_t>;

TEST(Program, GoesByTheFirstVideoThenTheFirstAudioThenWhatThereIs) {
  const auto leading = [](const std::vector<media::Track>& list, const MuxerOptions& options = {}) {
    Fixture f(sample::tracks(list), options);
    for (std::uint32_t t = 0; t < list.size(); ++t) {
      if (f.program.find(t) != nullptr && f.program.find(t)->leading) return static_cast<int>(t);
    }
    return -1;
  };
  EXPECT_EQ(leading({sample::aac(), sample::h264(), sample::h264()}), 1);
  EXPECT_EQ(leading({sample::data("id3"), sample::aac(), sample::mp3()}), 1);
  EXPECT_EQ(leading({sample::data("webvtt"), sample::data("klv")}), 1);
  EXPECT_EQ(leading({sample::data("webvtt")}), -1);
  EXPECT_EQ(leading({sample::h264(), sample::aac()}, {.pids = {{"pcr", 0x111}}}), 1);
}

TEST(Program, DoesNotLetTheClockGoBackNorPassTheStampBesideIt) {
  Fixture f(sample::tracks({sample::h264(), sample::aac()}));
  EXPECT_EQ(f.clocks(0, 1'000'000), Clocks{1'000'000});
  EXPECT_EQ(f.clocks(1, 1'010'000), Clocks{});           // a little ahead
  EXPECT_EQ(f.clocks(1, 1'030'000), Clocks{1'012'000});  // the video stays away
  EXPECT_EQ(f.clocks(0, 1'003'600), Clocks{1'012'000});  // and comes late
  EXPECT_EQ(f.clocks(0, 1'015'600), Clocks{1'015'600});
  EXPECT_EQ(f.clocks(0, 900'000), Clocks{900'000});  // another line of time
}

TEST(Program, HasAClockBeforeTheLeadingTrackBegins) {
  Fixture f(sample::tracks({sample::h264(), sample::aac()}));
  EXPECT_EQ(f.clocks(1, 1'000'000), Clocks{1'000'000 - 18'000});
  Fixture expecting(sample::tracks({sample::h264(), sample::aac()}));
  expecting.program.expect_clock(Ticks(1'000'000));
  EXPECT_EQ(expecting.clocks(1, 1'001'000), Clocks{});
  EXPECT_EQ(expecting.clocks(0, 1'000'000), Clocks{1'000'000});
}

TEST(Program, CountsStreamIdsUp) {
  Fixture f(sample::tracks({sample::h264(), sample::h264(), sample::aac(), sample::mp3(), sample::data("klv")}));
  const std::array expected{0xe0, 0xe1, 0xc0, 0xc1, 0xbd};
  for (std::uint32_t t = 0; t < expected.size(); ++t) EXPECT_EQ(f.program.find(t)->stream_id, expected[t]);
}

TEST(Program, TakesNoMoreTracksThanAPmtHolds) {
  const std::vector<media::Track> many(40, sample::aac());
  Fixture f(sample::tracks(many));
  EXPECT_NE(f.program.find(31), nullptr);
  EXPECT_EQ(f.program.find(32), nullptr);
  EXPECT_EQ(f.program.find(4000), nullptr);
}

}  // namespace
}  // namespace sluice::mpegts
