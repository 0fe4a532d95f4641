#include "format/mp4/fragment.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "format/mp4/errc.hpp"
#include "format/mp4/fragment_boxes.hpp"
#include "format/mp4/test_tracks.hpp"

namespace sluice::mp4 {
namespace {

const FragmentHeader kHeader{.track_id = 2,
                             .sequence_number = 0x01020304,
                             .base_decode_time = 0x1122334455667788,
                             .utc = UtcTime(std::chrono::seconds(1'700'000'000) + std::chrono::microseconds(123'456))};

// A fragment whose payload bytes count up through all samples.
Bytes fragment_of(const FragmentHeader& header, std::span<const Sample> samples) {
  Bytes bytes;
  ByteWriter out(bytes);
  write_fragment_header(out, header, samples);
  std::uint8_t value = 0;
  for (const Sample& sample : samples) {
    for (std::uint32_t i = 0; i < sample.size; ++i) out.u8(value++);
  }
  return bytes;
}

std::uint32_t be32_at(BytesView bytes, std::size_t at) { return ByteReader(bytes.subspan(at)).be32(); }
std::string_view type_at(BytesView bytes, std::size_t at) { return as_text(bytes.subspan(at, 4)); }

std::vector<Sample> samples_of(const Fragment& fragment) {
  std::vector<Sample> out;
  for (const ReadSample& read : fragment.samples) out.push_back(read.sample);
  return out;
}

TEST(FragmentHeader, HasItsFieldsWherePlayersReadThem) {
  const std::vector<Sample> samples{{.duration = 3600, .size = 5}, {.duration = 3600, .size = 7, .sync = false}};
  const auto bytes = fragment_of(kHeader, samples);
  EXPECT_EQ(type_at(bytes, 4), "moof");
  EXPECT_EQ(be32_at(bytes, 8), 16u);
  EXPECT_EQ(type_at(bytes, 12), "mfhd");
  EXPECT_EQ(be32_at(bytes, 20), 0x01020304u);
  EXPECT_EQ(type_at(bytes, 28), "traf");
  EXPECT_EQ(be32_at(bytes, 32), 28u);
  EXPECT_EQ(type_at(bytes, 36), "tfhd");
  EXPECT_EQ(be32_at(bytes, 40), 0x020038u) << "default-base-is-moof and three defaults";
  EXPECT_EQ(be32_at(bytes, 44), 2u);
  EXPECT_EQ(bytes[47], std::byte{2}) << "the byte that MSE-LD players take the track from";
  EXPECT_EQ(be32_at(bytes, 60), 20u);
  EXPECT_EQ(type_at(bytes, 64), "tfdt");
  EXPECT_EQ(be32_at(bytes, 68), 0x01000000u) << "version 1";
  EXPECT_EQ(be32_at(bytes, 72), 0x11223344u);
  EXPECT_EQ(be32_at(bytes, 76), 0x55667788u);
  EXPECT_EQ(be32_at(bytes, 80), 20u);
  EXPECT_EQ(type_at(bytes, 84), "futc");
  EXPECT_EQ(be32_at(bytes, 92), 1'700'000'000u);
  EXPECT_EQ(be32_at(bytes, 96), 123'456u);
  EXPECT_EQ(type_at(bytes, 104), "trun");
  EXPECT_EQ(bytes[108], std::byte{1}) << "signed composition offsets";
  const auto moof = be32_at(bytes, 0);
  EXPECT_EQ(be32_at(bytes, 116), moof + 8) << "data_offset";
  EXPECT_EQ(be32_at(bytes, moof), 8u + 12);
  EXPECT_EQ(type_at(bytes, moof + 4), "mdat");
}

// The flags of the trun: what a fragment says for each sample.
std::uint32_t run_flags(std::span<const Sample> samples) {
  const auto bytes = fragment_of(kHeader, samples);
  EXPECT_EQ(bytes.size(), fragment_header_size(samples) + be32_at(bytes, be32_at(bytes, 0)) - 8);
  return be32_at(bytes, 108) & 0xff'ffff;
}

TEST(FragmentHeader, SaysForEachSampleOnlyWhatDiffers) {
  using Run = TrackRun;
  const Sample sync{.duration = 10, .size = 4};
  const Sample other{.duration = 10, .size = 4, .sync = false};
  const Sample disposable{.duration = 10, .size = 4, .sync = false, .disposable = true};
  EXPECT_EQ(run_flags(std::vector{sync}), Run::kDataOffset);
  EXPECT_EQ(run_flags(std::vector{sync, sync, sync}), Run::kDataOffset);
  EXPECT_EQ(run_flags(std::vector{sync, other, other}), Run::kDataOffset | Run::kFirstFlags);
  EXPECT_EQ(run_flags(std::vector{other, other}), Run::kDataOffset);
  EXPECT_EQ(run_flags(std::vector{sync, other, disposable}), Run::kDataOffset | Run::kFlags);
  EXPECT_EQ(run_flags(std::vector{sync, Sample{.duration = 11, .size = 4}}), Run::kDataOffset | Run::kDurations);
  EXPECT_EQ(run_flags(std::vector{sync, Sample{.duration = 10, .size = 5}}), Run::kDataOffset | Run::kSizes);
  EXPECT_EQ(run_flags(std::vector{Sample{.duration = 10, .size = 4, .composition_offset = -1}}),
            Run::kDataOffset | Run::kCompositionOffsets);
}

TEST(FragmentHeader, WritesTheFlagsOfTheStandard) {
  const auto bytes = fragment_of(kHeader, std::vector{Sample{.sync = false, .disposable = true}});
  EXPECT_EQ(be32_at(bytes, 56), 0x0181'0000u) << "depends on others, no other depends on it, not sync";
  EXPECT_EQ(be32_at(fragment_of(kHeader, std::vector{Sample{}}), 56), 0x0200'0000u) << "depends on nothing";
}

std::vector<Sample> generated_samples() {
  const auto duration = *rc::gen::inRange<std::uint32_t>(0, 5000);
  const auto vary = *rc::gen::arbitrary<bool>();
  std::vector<Sample> samples(*rc::gen::inRange<std::size_t>(1, 40));
  for (Sample& sample : samples) {
    sample.duration = vary ? *rc::gen::arbitrary<std::uint32_t>() : duration;
    sample.size = *rc::gen::inRange<std::uint32_t>(0, 300);
    sample.composition_offset = *rc::gen::element<std::int32_t>(0, 0, 3600, -3600, INT32_MIN, INT32_MAX);
    sample.sync = *rc::gen::arbitrary<bool>();
    sample.disposable = *rc::gen::arbitrary<bool>();
  }
  return samples;
}

RC_GTEST_PROP(Fragment, ReadsBackAsItWasWritten, ()) {
  const FragmentHeader header{.track_id = *rc::gen::arbitrary<std::uint32_t>(),
                              .sequence_number = *rc::gen::arbitrary<std::uint32_t>(),
                              .base_decode_time = *rc::gen::inRange<std::int64_t>(0, INT64_MAX / 2),
                              .utc = UtcTime(std::chrono::microseconds(*rc::gen::inRange(0L, 4'000'000'000'000'000L)))};
  const auto samples = generated_samples();
  auto bytes = fragment_of(header, samples);
  const auto size = bytes.size();
  const Bytes next = fragment_of(header, samples);
  bytes.insert(bytes.end(), next.begin(), next.end());  // the reader stops where its fragment does

  const auto fragment = read_fragment(bytes);
  RC_ASSERT(fragment.has_value());
  RC_ASSERT(fragment->track_id == header.track_id);
  RC_ASSERT(fragment->sequence_number == header.sequence_number);
  RC_ASSERT(fragment->base_decode_time == header.base_decode_time);
  RC_ASSERT(fragment->utc == header.utc);
  RC_ASSERT(fragment->size == size);
  RC_ASSERT(samples_of(*fragment) == samples);
  auto decode_time = header.base_decode_time;
  auto at = bytes.begin() + static_cast<std::ptrdiff_t>(fragment_header_size(samples));
  for (const ReadSample& sample : fragment->samples) {
    RC_ASSERT(sample.decode_time == decode_time);
    RC_ASSERT(sample.payload.size() == sample.sample.size);
    RC_ASSERT(sample.payload.empty() || sample.payload.data() == &*at);
    decode_time += sample.sample.duration;
    at += sample.sample.size;
  }
}

RC_GTEST_PROP(Fragment, SurvivesAnyDamage, ()) {
  auto bytes = fragment_of(kHeader, generated_samples());
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = static_cast<std::byte>(*rc::gen::inRange(0, 256));
  }
  if (const auto fragment = read_fragment(bytes)) RC_ASSERT(fragment->size <= bytes.size());
}

const std::vector<Sample> kTwo{{.duration = 10, .size = 3, .composition_offset = 5},
                               {.duration = 20, .size = 4, .composition_offset = 0, .sync = false}};

TEST(Fragment, RefusesEveryPrefix) {
  const auto bytes = fragment_of(kHeader, kTwo);
  EXPECT_EQ(read_fragment({}).error(), Errc::no_fragment);
  for (std::size_t n = 1; n < bytes.size(); ++n) {
    EXPECT_EQ(read_fragment(BytesView(bytes).first(n)).error(), Errc::truncated) << n;
  }
}

// A moof by hand, for what our writer never writes.
struct Moof {
  TrackFragmentHeader header{.flags = TrackFragmentHeader::kDefaultBaseIsMoof, .track_id = 1};
  std::uint64_t base_decode_time = 100;
  std::vector<Bytes> runs;  // whole boxes
  std::size_t trafs = 1;

  [[nodiscard]] Bytes with_data(std::string_view data) const {
    Bytes bytes;
    ByteWriter out(bytes);
    write_moof(out);
    out.be32(8 + data.size());
    out.text("mdat");
    out.text(data);
    return bytes;
  }

 private:
  void write_moof(ByteWriter& out) const {
    const BoxScope moof(out, fourcc("moof"));
    write_box(out, MovieFragmentHeader{7});
    for (std::size_t i = 0; i < trafs; ++i) {
      const BoxScope traf(out, fourcc("traf"));
      write_box(out, header);
      write_box(out, TrackFragmentDecodeTime{.version = 0, .base_decode_time = base_decode_time});
      for (const Bytes& run : runs) out.bytes(run);
    }
  }
};

Bytes run_box(TrackRun run, std::initializer_list<std::uint32_t> entries) {
  Bytes bytes;
  ByteWriter out(bytes);
  const BoxScope scope(out, TrackRun::kType);
  FieldsOut io(out);
  visit(run, io);
  for (const auto field : entries) out.be32(field);
  return bytes;
}

TEST(Fragment, TakesDefaultsFromTheInitSegment) {
  Moof moof;
  moof.runs = {run_box({.flags = TrackRun::kDataOffset, .sample_count = 2, .data_offset = 92}, {})};
  const auto bytes = moof.with_data("abcdef");
  ASSERT_EQ(be32_at(bytes, 0) + 8, 92u);
  EXPECT_EQ(read_fragment(bytes).error(), Errc::missing_box) << "without the init segment nobody knows the sizes";

  Init init;
  init.tracks.push_back({.id = 1, .timescale = 1, .defaults = {.duration = 5, .size = 3, .flags = 0x10000}});
  const auto fragment = read_fragment(bytes, &init);
  ASSERT_TRUE(fragment) << fragment.error().message();
  EXPECT_EQ(fragment->utc, std::nullopt);
  ASSERT_EQ(fragment->samples.size(), 2u);
  EXPECT_EQ(as_text(fragment->samples[1].payload), "def");
  EXPECT_EQ(fragment->samples[1].decode_time, 105);
  EXPECT_FALSE(fragment->samples[1].sample.sync);
}

TEST(Fragment, ReadsSeveralRuns) {
  Moof moof;
  constexpr auto kFields = TrackRun::kDurations | TrackRun::kSizes;
  moof.runs = {run_box({.flags = TrackRun::kDataOffset | kFields, .sample_count = 1, .data_offset = 124}, {5, 3}),
               run_box({.flags = kFields, .sample_count = 1}, {6, 1})};  // goes on where the first ended
  const auto bytes = moof.with_data("abcd");
  ASSERT_EQ(be32_at(bytes, 0) + 8, 124u);
  const auto fragment = read_fragment(bytes);
  ASSERT_TRUE(fragment) << fragment.error().message();
  ASSERT_EQ(fragment->samples.size(), 2u);
  EXPECT_EQ(as_text(fragment->samples[0].payload), "abc");
  EXPECT_EQ(as_text(fragment->samples[1].payload), "d");
  EXPECT_EQ(fragment->samples[1].decode_time, 105);
}

TEST(Fragment, SkipsUnknownBoxesAround) {
  const auto fragment_bytes = fragment_of(kHeader, kTwo);
  Bytes bytes;
  ByteWriter out(bytes);
  out.bytes(
      as_bytes(std::string_view("\0\0\0\x0c"
                                "styp1234",
                                12)));
  out.bytes(BytesView(fragment_bytes));
  const auto fragment = read_fragment(bytes);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(samples_of(*fragment), kTwo);
  EXPECT_EQ(fragment->size, bytes.size());
  EXPECT_EQ(read_fragment(BytesView(bytes).first(12)).error(), Errc::no_fragment);
}

TEST(Fragment, RefusesWhatItIsNotFor) {
  Moof two_tracks{.trafs = 2};
  EXPECT_EQ(read_fragment(two_tracks.with_data("")).error(), Errc::unsupported);
  Moof no_track{.trafs = 0};
  EXPECT_EQ(read_fragment(no_track.with_data("")).error(), Errc::missing_box);
  Moof absolute;
  absolute.header.flags = TrackFragmentHeader::kBaseDataOffset;
  EXPECT_EQ(read_fragment(absolute.with_data("")).error(), Errc::unsupported);
}

TEST(Fragment, RefusesRunsThatLie) {
  constexpr auto kFields = TrackRun::kDataOffset | TrackRun::kDurations | TrackRun::kSizes;
  constexpr std::int32_t kDataAt = 108;  // with one entry: 4 bytes of data
  const auto error_of = [](TrackRun run, std::initializer_list<std::uint32_t> entries) {
    Moof moof;
    moof.header.flags |= TrackFragmentHeader::kDefaultDuration | TrackFragmentHeader::kDefaultSize;
    moof.runs = {run_box(run, entries)};
    const auto fragment = read_fragment(moof.with_data("abcd"));
    return fragment ? std::error_code() : fragment.error();
  };
  EXPECT_EQ(error_of({.flags = kFields, .sample_count = 1, .data_offset = kDataAt}, {1, 4}), std::error_code());
  EXPECT_EQ(error_of({.flags = kFields, .sample_count = 2, .data_offset = kDataAt}, {1, 1}), Errc::bad_box);
  EXPECT_EQ(error_of({.flags = kFields, .sample_count = 0xffff'ffff, .data_offset = kDataAt}, {1, 1}), Errc::too_many);
  EXPECT_EQ(error_of({.flags = TrackRun::kDataOffset, .sample_count = 65'537, .data_offset = kDataAt}, {}),
            Errc::too_many)
      << "samples of default size 0 cost no byte and still are bounded";
  for (const std::int32_t offset : {0, kDataAt - 1, kDataAt, kDataAt + 5, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(error_of({.flags = kFields, .sample_count = 1, .data_offset = offset}, {1, 5}), Errc::bad_value)
        << offset;
  }
  EXPECT_EQ(error_of({.flags = kFields, .sample_count = 1, .data_offset = kDataAt}, {1, 0xffff'ffff}), Errc::bad_value);
  EXPECT_EQ(error_of({.flags = kFields & ~TrackRun::kDataOffset, .sample_count = 1}, {1, 1}), Errc::bad_value);
}

TEST(Fragment, RefusesTimesThatCouldOverflow) {
  auto bytes = fragment_of(kHeader, kTwo);
  bytes[72] = std::byte{0x7f};  // of baseMediaDecodeTime
  EXPECT_EQ(read_fragment(bytes).error(), Errc::bad_value);
  bytes[72] = std::byte{0xff};
  EXPECT_EQ(read_fragment(bytes).error(), Errc::bad_value);
}

TEST(FragmentDeathTest, AsksForSamples) { EXPECT_DEATH(fragment_header_size({}), "1 to kMaxSamples"); }

}  // namespace
}  // namespace sluice::mp4
