#include "media/track.hpp"

#include <gtest/gtest.h>

#include "core/hex.hpp"

namespace sluice::media {
namespace {

TEST(Tracks, AreNumberedByContentInTheOrderOfTheSource) {
  Tracks tracks;
  for (const char* codec : {"h264", "aac", "h264", "webvtt", "klv", "aac"})
    tracks.push_back({.codec = find_codec(codec)});
  assign_ids(tracks);
  std::string ids;
  for (const Track& track : tracks) ids += track.id + " ";
  EXPECT_EQ(ids, "v1 a1 v2 t1 d1 a2 ");
}

TEST(Tracks, CompareByCodecAndParameterSets) {
  const Track one{.codec = find_codec("aac"), .config = Payload::own(from_hex("1210"))};
  Track other = one;
  other.language = "eng";
  EXPECT_TRUE(one.same_parameters(other));
  other.config = Payload::own(from_hex("1190"));
  EXPECT_FALSE(one.same_parameters(other));
}

}  // namespace
}  // namespace sluice::media
