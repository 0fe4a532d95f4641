#include <gtest/gtest.h>

#include "media/codec.hpp"

namespace sluice::media {
namespace {

TEST(Codecs, AreFoundByNameAndAreOnePointerEach) {
  for (const Codec& codec : all_codecs()) {
    EXPECT_EQ(find_codec(codec.name), &codec);
    EXPECT_NE(codec.details, nullptr) << codec.name;
  }
  EXPECT_EQ(find_codec("h265"), nullptr);
  EXPECT_EQ(find_codec(""), nullptr);
}

TEST(Codecs, SayWhatKindOfContentTheyAre) {
  EXPECT_EQ(find_codec("h264")->content, Content::video);
  EXPECT_EQ(find_codec("aac")->content, Content::audio);
  EXPECT_EQ(find_codec("mp3")->content, Content::audio);
  EXPECT_EQ(find_codec("webvtt")->content, Content::text);
  EXPECT_EQ(find_codec("id3")->content, Content::data);
  EXPECT_EQ(find_codec("klv")->content, Content::data);
  EXPECT_EQ(to_string(Content::text), "text");
}

TEST(Codecs, WithoutParameterSetsNeedNoConfig) {
  EXPECT_EQ(find_codec("webvtt")->details({})->codec_string, "wvtt");
  EXPECT_EQ(find_codec("id3")->details({})->codec_string, "");
  EXPECT_EQ(find_codec("klv")->random_access, nullptr) << "each packet stands alone";
}

}  // namespace
}  // namespace sluice::media
