#include <gtest/gtest.h>

#include "format/m3u8/reader.hpp"

namespace sluice::m3u8 {
namespace {

TEST(MasterReader, RefusesWhatIsWrong) {
  const auto refused_master = [](std::string_view lines) {
    const auto parsed = read_master("#EXTM3U\n" + std::string(lines));
    return parsed ? std::error_code() : parsed.error();
  };
  EXPECT_EQ(refused_master(""), Errc::missing) << "no variant";
  EXPECT_EQ(refused_master("#EXT-X-STREAM-INF:BANDWIDTH=1\n"), Errc::missing) << "no URI";
  EXPECT_EQ(refused_master("#EXT-X-STREAM-INF:CODECS=\"x\"\na\n"), Errc::missing) << "no BANDWIDTH";
  EXPECT_EQ(refused_master("#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-VERSION:4\na\n"), Errc::misplaced);
  EXPECT_EQ(refused_master("a\n"), Errc::misplaced);
  EXPECT_EQ(refused_master("#EXT-X-TARGETDURATION:4\n"), Errc::misplaced);
  EXPECT_EQ(refused_master("#EXT-X-VERSION:4\n#EXT-X-VERSION:4\n"), Errc::duplicate);
  EXPECT_EQ(refused_master("#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=12x\na\n"), Errc::bad_value);
  EXPECT_EQ(refused_master("#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x4294967296\na\n"), Errc::bad_value);
  EXPECT_EQ(refused_master("#EXT-X-STREAM-INF:BANDWIDTH=1,FRAME-RATE=-1\na\n"), Errc::bad_value);
  EXPECT_EQ(refused_master("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\"\n"), Errc::missing) << "NAME";
  EXPECT_EQ(refused_master("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",CHANNELS=\"x\"\n"), Errc::bad_value);
  EXPECT_EQ(refused_master("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n"), Errc::unsupported);
}

TEST(MasterReader, IgnoresWhatItDoesNotKnow) {
  const auto parsed = read_master(
      "#EXTM3U\n#EXT-X-MEDIA:TYPE=SMELL,GROUP-ID=\"a\",NAME=\"n\"\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\","
      "CHANNELS=\"6/JOC\"\n"
      "#EXT-X-SESSION-DATA:DATA-ID=\"x\",VALUE=\"y\"\n#EXT-X-STREAM-INF:BANDWIDTH=1,CLOSED-CAPTIONS=NONE,SCORE=1."
      "5\na\n");
  ASSERT_TRUE(parsed) << parsed.error().message();
  ASSERT_EQ(parsed->renditions.size(), 1u);
  EXPECT_EQ(parsed->renditions[0].channels, 6u);
}

TEST(MasterReader, TellsTheKindsApart) {
  EXPECT_TRUE(is_master("#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n"));
  EXPECT_FALSE(is_master("#EXTM3U\n#EXT-X-TARGETDURATION:4\n"));
  EXPECT_FALSE(is_master("<html>"));
}

}  // namespace
}  // namespace sluice::m3u8
