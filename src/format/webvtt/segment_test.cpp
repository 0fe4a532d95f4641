#include "format/webvtt/segment.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace sluice::webvtt {
namespace {

using namespace std::string_literals;
using std::chrono::seconds;

std::string text_of(std::span<const Cue> cues, const TimestampMap& map) {
  const auto bytes = write_segment(cues, map);
  return std::string(as_text(bytes));
}

TEST(Segment, IsHeaderMapAndCues) {
  const std::vector<Cue> cues{
      {.start = Ticks(90'000 * 101), .end = Ticks(90'000 * 103 + 45'000), .text = "Hello,\n<i>world</i>"},
      {.start = Ticks(90'000 * 104), .end = Ticks(90'000 * 3705), .text = "Bye", .settings = "line:90% align:center"},
  };
  EXPECT_EQ(text_of(cues, {.origin = to_ticks(seconds(100)), .mpegts = Ticks(900'000)}),
            "WEBVTT\n"
            "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n"
            "\n"
            "00:00:01.000 --> 00:00:03.500\n"
            "Hello,\n"
            "<i>world</i>\n"
            "\n"
            "00:00:04.000 --> 01:00:05.000 line:90% align:center\n"
            "Bye\n");
}

TEST(Segment, WithoutCuesStillMapsTheClock) {
  EXPECT_EQ(text_of({}, {}), "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n");
}

TEST(Segment, WrapsTheMapTo33Bits) {
  const Ticks turn(std::int64_t{1} << 33);
  EXPECT_NE(text_of({}, {.origin = {}, .mpegts = turn + Ticks(7)}).find("MPEGTS:7,"), std::string::npos);
  EXPECT_NE(text_of({}, {.origin = {}, .mpegts = Ticks(-1)}).find("MPEGTS:8589934591,"), std::string::npos);
}

TEST(Segment, CutsWhatBeganBeforeTheOriginAndDropsWhatEnded) {
  const std::vector<Cue> cues{{.start = Ticks(0), .end = Ticks(90'000), .text = "gone"},
                              {.start = Ticks(0), .end = Ticks(180'000), .text = "still here"}};
  EXPECT_EQ(text_of(cues, {.origin = Ticks(90'000), .mpegts = {}}),
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
            "\n00:00:00.000 --> 00:00:01.000\nstill here\n");
}

TEST(Segment, HoursGoBeyondTwoDigits) {
  const std::vector<Cue> cues{
      {.start = to_ticks(std::chrono::hours(123)), .end = to_ticks(std::chrono::hours(124)), .text = "x"}};
  EXPECT_NE(text_of(cues, {}).find("123:00:00.000 --> 124:00:00.000"), std::string::npos);
}

TEST(Segment, TextCannotLeaveItsCue) {
  const std::vector<Cue> cues{{.start = Ticks(0),
                               .end = Ticks(90'000),
                               .text = "\r\na\r\n\r\n\n00:00:00.000 --> 00:00:09.000\nfake\0\n\n"s,
                               .settings = "line:1\n\nfake"}};
  EXPECT_EQ(text_of(cues, {}),
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
            "\n00:00:00.000 --> 00:00:01.000 line:1  fake\n"
            "a\n00:00:00.000 --&gt; 00:00:09.000\nfake\xef\xbf\xbd\n");
}

RC_GTEST_PROP(Segment, HasAsManyBlocksAsCuesWhateverTheirText, (const std::vector<std::string>& texts)) {
  std::vector<Cue> cues;
  for (const auto& text : texts)
    cues.push_back({.start = Ticks(0), .end = Ticks(90'000), .text = "x" + text, .settings = text});
  const auto out = text_of(cues, {});
  std::size_t blocks = 0, arrows = 0;
  for (std::size_t at = 0; (at = out.find("\n\n", at)) != std::string::npos; at += 2) ++blocks;
  for (std::size_t at = 0; (at = out.find("\n00:00:00.000 --> 00:00:01.000", at)) != std::string::npos; ++at) ++arrows;
  RC_ASSERT(blocks == cues.size());
  RC_ASSERT(arrows == cues.size());
  RC_ASSERT(out.find("\n\n\n") == std::string::npos);
  RC_ASSERT(out.find('\0') == std::string::npos);
}

// ffprobe as the judge: it finds the cues at the times that were meant.
TEST(Segment, IsReadByFfprobe) {
  const std::vector<Cue> cues{
      {.start = Ticks(90'000), .end = Ticks(180'000), .text = escape("one & <two>")},
      {.start = Ticks(360'000), .end = Ticks(450'000), .text = "two", .settings = "align:start"},
  };
  const auto file = std::filesystem::temp_directory_path() / ("sluice-segment-" + std::to_string(::getpid()) + ".vtt");
  std::ofstream(file) << text_of(cues, {});
  const auto command =
      "ffprobe -v warning -show_entries packet=pts_time,duration_time -of csv=p=0 " + file.string() + " 2>&1";
  std::string out;
  FILE* const pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  for (int c; (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0);
  std::filesystem::remove(file);
  // What follows the second line is ffprobe's way to mention side data: the cue's settings.
  EXPECT_TRUE(out.starts_with("1.000000,1.000000\n4.000000,1.000000,")) << out;
}

}  // namespace
}  // namespace sluice::webvtt
