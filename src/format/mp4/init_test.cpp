#include "format/mp4/init.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "format/mp4/errc.hpp"
#include "format/mp4/init_boxes.hpp"
#include "format/mp4/test_tracks.hpp"

namespace sluice::mp4 {
namespace {

Bytes init_of(const media::Track& track) {
  const InitTrack in{1, track};
  return write_init({&in, 1});
}

// Replaces the first occurrence of `from` by `to`, of the same length.
Bytes replaced(Bytes bytes, BytesView from, BytesView to) {
  const auto found = std::ranges::search(bytes, from);
  EXPECT_FALSE(found.empty());
  std::ranges::copy(to, found.begin());
  return bytes;
}

TEST(WriteInit, OfOneTrackIsACmafHeader) {
  const auto bytes = init_of(video_track());
  ByteReader in(bytes);
  EXPECT_EQ(in.be32(), 24u);
  EXPECT_EQ(as_text(in.bytes(20)), std::string_view("ftypiso6\0\0\0\0iso6cmfc", 20));
  in.skip(4);
  EXPECT_EQ(as_text(in.bytes(4)), "moov");
  EXPECT_EQ(std::ranges::search(bytes, as_bytes("edts")).size(), 0u);
}

// RFC 8216bis section 3.1.2.
TEST(WriteInit, HasWhatHlsAsksFor) {
  const auto bytes = init_of(video_track());
  constexpr auto kMoov = fourcc("moov");
  EXPECT_TRUE(find_box(bytes, std::array{kMoov, fourcc("mvex"), fourcc("trex")}));
  const auto zero_at = [&](std::span<const FourCC> path, std::size_t at) {
    return ByteReader(find_box(bytes, path).value().subspan(at)).be32() == 0;
  };
  EXPECT_TRUE(zero_at(std::array{kMoov, fourcc("mvhd")}, 16)) << "duration";
  EXPECT_TRUE(zero_at(std::array{kMoov, fourcc("trak"), fourcc("tkhd")}, 20)) << "duration";
}

TEST(WriteInit, OfTwoTracksDoesNotClaimToBeCmaf) {
  const auto video = video_track(), audio = aac_track();
  const InitTrack tracks[] = {{1, video}, {2, audio}};
  const auto bytes = write_init(tracks);
  EXPECT_EQ(std::ranges::search(bytes, as_bytes("cmfc")).size(), 0u);
}

TEST(WriteInit, DependsOnWhatADecoderNeedsAlone) {
  auto track = video_track();
  const auto bytes = init_of(track);
  track.bitrate = 5'000'000;
  track.title = "Main camera";
  track.id = "v7";
  EXPECT_EQ(init_of(track), bytes);
  track.language = "fra";
  EXPECT_NE(init_of(track), bytes);
}

TEST(ReadInit, ReadsWhatIsWritten) {
  const auto video = video_track(), aac = aac_track(), mp3 = mp3_track(), text = text_track();
  const InitTrack tracks[] = {{1, video}, {2, aac}, {3, mp3}, {200, text}};
  const auto init = read_init(write_init(tracks));
  ASSERT_TRUE(init) << init.error().message();
  ASSERT_EQ(init->tracks.size(), 4u);
  for (const InitTrack& in : tracks) {
    const TrackInfo* out = init->find(in.track_id);
    ASSERT_NE(out, nullptr);
    EXPECT_EQ(out->codec, in.track.codec);
    EXPECT_EQ(out->timescale, in.track.timescale());
    EXPECT_EQ(out->language, in.track.language);
    EXPECT_EQ(out->width, in.track.details.width);
    EXPECT_EQ(out->height, in.track.details.height);
  }
  EXPECT_EQ(init->find(4), nullptr);
}

TEST(ReadInit, GivesNoLanguageForOneThatIsNone) {
  for (const auto* language : {"", "und", "en", "ENG", "en-GB", "e1g"}) {
    auto track = aac_track();
    track.language = language;
    EXPECT_EQ(read_init(init_of(track))->tracks[0].language, "") << language;
  }
}

TEST(ReadInit, TakesDefaultsOfFragments) {
  auto bytes = init_of(aac_track());
  Bytes trex;
  ByteWriter out(trex);
  write_box(out, TrackExtends{.track_id = 1, .duration = 1024, .size = 7, .flags = 0x10000});
  std::ranges::copy(trex, bytes.end() - static_cast<std::ptrdiff_t>(trex.size()));  // it is the last box of moov
  const auto init = read_init(bytes);
  ASSERT_TRUE(init);
  EXPECT_EQ(init->tracks[0].defaults.duration, 1024u);
  EXPECT_EQ(init->tracks[0].defaults.size, 7u);
  EXPECT_EQ(init->tracks[0].defaults.flags, 0x10000u);
}

TEST(ReadInit, RefusesEveryPrefix) {
  const auto bytes = init_of(video_track());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto init = read_init(BytesView(bytes).first(n));
    ASSERT_FALSE(init) << n;
    EXPECT_TRUE(init.error() == Errc::truncated || init.error() == Errc::missing_box);
  }
}

TEST(ReadInit, RefusesNumbersThatCannotBe) {
  const auto track = aac_track();
  const auto timescale = bytes_of({0, 0, 0xbb, 0x80});  // 48000 of the mdhd
  EXPECT_EQ(read_init(replaced(init_of(track), timescale, bytes_of({0, 0, 0, 0}))).error(), Errc::bad_value);
  const InitTrack twice[] = {{1, track}, {1, track}};
  EXPECT_EQ(read_init(write_init(twice)).error(), Errc::bad_value);
  const InitTrack zero[] = {{0, track}};
  EXPECT_EQ(read_init(write_init(zero)).error(), Errc::bad_value);
  std::vector<InitTrack> many;
  for (std::uint32_t id = 1; id <= 65; ++id) many.push_back({id, track});
  EXPECT_EQ(read_init(write_init(many)).error(), Errc::too_many);
}

TEST(ReadInit, SkipsUnknownBoxes) {
  // hdlr is needed by players, not by this reader.
  const auto bytes = replaced(init_of(aac_track()), as_bytes("hdlr"), as_bytes("xxxx"));
  EXPECT_TRUE(read_init(bytes));
}

RC_GTEST_PROP(ReadInit, SurvivesAnyDamage, ()) {
  const auto video = video_track(), audio = aac_track();
  const InitTrack tracks[] = {{1, video}, {2, audio}};
  auto bytes = write_init(tracks);
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = static_cast<std::byte>(*rc::gen::inRange(0, 256));
  }
  if (const auto init = read_init(bytes)) {
    for (const TrackInfo& track : init->tracks) RC_ASSERT(track.timescale != 0 && track.id != 0);
  }
}

}  // namespace
}  // namespace sluice::mp4
