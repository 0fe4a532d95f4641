#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "format/mpegts/demuxer.hpp"
#include "format/mpegts/muxer.hpp"
#include "format/mpegts/sample_media.hpp"
#include "format/mpegts/segment.hpp"

/// What we write is read by ffmpeg, and the other way round, with real H.264, AAC and MP3.
namespace sluice::mpegts {
namespace {

/// What `command` prints on standard output and standard error.
std::string run(const std::string& command) {
  FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::string out;
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  return status == 0 ? out : out + "\nexit status " + std::to_string(status);
}

class Ffmpeg : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("sluice-mpegts-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// Four seconds of test picture (100 pictures with B-frames, a GOP a second) and a tone, as ffmpeg muxes them.
  sample::Found made_by_ffmpeg(const std::string& audio) {
    const std::string made =
        run("ffmpeg -v warning -y -f lavfi -i testsrc=size=320x240:rate=25 -f lavfi -i "
            "sine=frequency=440:sample_rate=44100 "
            "-t 4 -c:v libx264 -preset veryfast -pix_fmt yuv420p -g 25 -bf 2 -sc_threshold 0 -c:a " +
            audio + " -b:a 96k -f mpegts " + path("in.ts"));
    EXPECT_EQ(made, "");
    std::ifstream in(path("in.ts"), std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return sample::demux(as_bytes(all.view()));
  }

  void write(const Bytes& bytes) const {
    std::ofstream out(path("out.ts"), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

  /// PTS and DTS of each packet that ffprobe reads, one a line; and what it complains of.
  std::string stamps(const std::string& stream) const {
    std::istringstream printed(run("ffprobe -v warning -select_streams " + stream +
                                   " -show_entries packet=dts,pts -of csv=p=0 " + path("out.ts")));
    std::string lines;
    for (std::string line; std::getline(printed, line);) {
      while (line.ends_with(',')) line.pop_back();  // side data, which is of no interest
      if (!line.empty()) lines += line + "\n";
    }
    return lines;
  }

  static std::string expected_stamps(const sample::Found& input, std::uint32_t track) {
    std::string lines;
    for (const auto& frame : input.of(track)) {
      lines += std::to_string((frame.pts + kDecodeDelay).count()) + "," +
               std::to_string((frame.dts + kDecodeDelay).count()) + "\n";
    }
    return lines;
  }

  /// Errors and warnings of a full decode, -xerror for packets that are corrupt or discontinuous.
  std::string decode_warnings() const {
    return run("ffmpeg -v warning -xerror -err_detect explode -i " + path("out.ts") + " -map 0 -f null -");
  }

  std::filesystem::path folder_;
};

void expect_input(const sample::Found& input, std::size_t audio_frames) {
  ASSERT_EQ(input.tracks.size(), 2u);
  EXPECT_EQ(input.counters.continuity_errors, 0u);
  EXPECT_EQ(input.counters.bad_frames + input.counters.bad_packets + input.counters.bad_sections, 0u);
  EXPECT_EQ(input.of(0).size(), 100u);
  EXPECT_EQ(std::ranges::count(input.of(0), true, &media::Frame::random_access), 4);
  EXPECT_GE(input.of(1).size(), audio_frames);
}

TEST_F(Ffmpeg, ReadsAndDecodesAFlow) {
  for (const char* codec : {"aac", "libmp3lame"}) {
    SCOPED_TRACE(codec);
    auto input = made_by_ffmpeg(codec);
    expect_input(input, 153);
    sample::interleave(input.frames);
    Bytes out;
    ByteWriter w(out);
    Muxer muxer(input.tracks, {.title = "Test", .provider = "Sluice"});
    for (const auto& frame : input.frames) muxer.frame(w, frame);
    write(out);
    EXPECT_EQ(stamps("v"), expected_stamps(input, 0));
    EXPECT_EQ(stamps("a"), expected_stamps(input, 1));
    EXPECT_EQ(decode_warnings(), "");
    EXPECT_NE(run("ffprobe -v error -show_programs " + path("out.ts")).find("service_name=Test"), std::string::npos);
  }
}

TEST_F(Ffmpeg, ReadsAndDecodesSegmentsOneBehindTheOther) {
  auto input = made_by_ffmpeg("aac");
  expect_input(input, 153);
  sample::interleave(input.frames);
  Bytes out;
  std::size_t from = 0;
  for (std::size_t i = 1; i <= input.frames.size(); ++i) {
    const bool cut = i == input.frames.size() || (input.frames[i].track == 0 && input.frames[i].random_access);
    if (!cut) continue;
    ByteWriter(out).bytes(segment(input.tracks, std::span(input.frames).subspan(from, i - from)));
    from = i;
  }
  write(out);
  EXPECT_EQ(stamps("v"), expected_stamps(input, 0));
  EXPECT_EQ(decode_warnings(), "");
  EXPECT_EQ(run("ffmpeg -v debug -i " + path("out.ts") + " -map 0 -c copy -f null -").find("ontinuity check failed"),
            std::string::npos);
}

TEST_F(Ffmpeg, SeesLanguagesAndTimedMetadata) {
  auto tracks = sample::tracks({sample::h264(), sample::aac(48'000, "deu"), sample::data("id3"), sample::data("klv")});
  Bytes out;
  ByteWriter w(out);
  Muxer muxer(tracks, {});
  for (int i = 0; i < 25; ++i) {
    muxer.frame(w, sample::frame(0, i * 3600, sample::picture(true, 100)));
    muxer.frame(w, sample::frame(1, i * 1920, Payload::own(sample::coded(100))));
    muxer.frame(w, sample::frame(2, i * 3600, Payload::own(sample::bytes({'I', 'D', '3', 4, 0, 0, 0, 0, 0, 0}))));
    muxer.frame(w, sample::frame(3, i * 3600, Payload::own(sample::coded(40))));
  }
  write(out);
  const std::string seen =
      run("ffprobe -v quiet -show_entries stream=codec_name,id:stream_tags=language -of csv=p=0 " + path("out.ts"));
  for (const char* what : {"h264,0x101", "aac,0x111,deu", "timed_id3,0x131", "klv,0x132"}) {
    EXPECT_NE(seen.find(what), std::string::npos) << what << " in " << seen;
  }
}

}  // namespace
}  // namespace sluice::mpegts
