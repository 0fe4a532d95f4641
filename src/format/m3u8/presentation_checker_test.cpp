#include "format/m3u8/presentation_checker.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "format/m3u8/live_fixture.hpp"

namespace sluice::m3u8 {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kMaster = "http://host/tv/index.m3u8?token=t";
constexpr std::string_view kVideo = "http://host/tv/v1/index.m3u8?token=t";
constexpr std::string_view kAudio = "http://host/tv/a1/index.m3u8?token=t";

constexpr std::string_view kMasterText =
    "#EXTM3U\n"
    "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"eng\",DEFAULT=YES,AUTOSELECT=YES,URI=\"a1/index.m3u8?token=t\"\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1.64001f,mp4a.40.2\",AUDIO=\"aac\"\n"
    "v1/index.m3u8?token=t\n";

std::set<Rule> rules_of(const PresentationChecker& checker) {
  std::set<Rule> out;
  for (const auto& violation : checker.violations()) out.insert(violation.rule);
  return out;
}

std::string told(const PresentationChecker& checker) {
  std::string out;
  for (const auto& violation : checker.violations()) out += to_string(violation) + "\n";
  return out;
}

/// Spoils one of the two playlists in answer `n`.
using Spoil = std::function<void(MediaPlaylist&, int n)>;

/// Video and audio of one stream, asked for in turn for 40 parts; audio half a second after video.
PresentationChecker follow(const Spoil& spoil_video, const Spoil& spoil_audio) {
  PresentationChecker checker({.low_latency = true});
  checker.on_master(kMaster, kMasterText);
  for (int n = 40; n <= 80; ++n) {
    auto video = test::live(n);
    video.rendition_reports[0].uri = "../a1/index.m3u8";
    if (spoil_video) spoil_video(video, n);
    const auto video_text = write(video).text;
    auto exchange = test::reload(n);
    exchange.text = video_text;
    checker.on_answer(kVideo, exchange);

    auto audio = test::live(n);
    audio.rendition_reports[0].uri = "../v1/index.m3u8";
    if (spoil_audio) spoil_audio(audio, n);
    const auto audio_text = write(audio).text;
    exchange.requested += 500ms;
    exchange.answered += 500ms;
    exchange.text = audio_text;
    checker.on_answer(kAudio, exchange);
  }
  return checker;
}

TEST(PresentationChecker, HasNothingAgainstAGoodPresentation) {
  const auto checker = follow(nullptr, nullptr);
  EXPECT_TRUE(checker.violations().empty()) << told(checker);
  EXPECT_EQ(checker.playlists(),
            (std::vector<std::string>{"http://host/tv/a1/index.m3u8", "http://host/tv/v1/index.m3u8"}));
  ASSERT_NE(checker.checker(kVideo), nullptr);
  EXPECT_EQ(checker.checker(kVideo)->reloads(), 41u);
  EXPECT_EQ(checker.checker("http://host/tv/v2/index.m3u8"), nullptr);
}

TEST(PresentationChecker, FindsFaultsBetweenPlaylists) {
  struct Fault {
    Rule rule;
    Spoil spoil;
  };
  const std::vector<Fault> faults = {
      {Rule::same_target_duration, [](MediaPlaylist& p, int) { p.target_duration = 4; }},
      {Rule::same_server_control, [](MediaPlaylist& p, int) { p.server_control->part_hold_back = 4s; }},
      {Rule::same_type, [](MediaPlaylist& p, int) { p.type = PlaylistType::event, p.media_sequence = 100; }},
      {Rule::date_time_in_all,
       [](MediaPlaylist& p, int) {
         for (auto& s : p.segments) s.program_date_time.reset();
         if (p.open) p.open->program_date_time.reset();
       }},
      {Rule::discontinuity_sequence_matches, [](MediaPlaylist& p, int) { p.discontinuity_sequence = 7; }},
      {Rule::report_for_each_rendition, [](MediaPlaylist& p, int) { p.rendition_reports.clear(); }},
      {Rule::report_current,
       [](MediaPlaylist& p, int n) { p.rendition_reports = test::live(n - 3).rendition_reports; }},
      {Rule::report_current,
       [](MediaPlaylist& p, int n) { p.rendition_reports = test::live(n + 3).rendition_reports; }},
  };
  for (const auto& fault : faults) {
    const auto in_audio = follow(nullptr, [&](MediaPlaylist& p, int n) {
      const auto uri = p.rendition_reports[0].uri;
      fault.spoil(p, n);
      if (!p.rendition_reports.empty()) p.rendition_reports[0].uri = uri;
    });
    EXPECT_TRUE(rules_of(in_audio).contains(fault.rule)) << row(fault.rule).name << "\n" << told(in_audio);
    for (const auto& violation : in_audio.violations()) EXPECT_FALSE(violation.playlist.empty());
  }
}

TEST(PresentationChecker, AllowsTracksThatBreakOffAtDifferentMoments) {
  // Behind the break video goes on a second later than audio.
  const auto run = [](Duration later) {
    return [later](MediaPlaylist& p, int) {
      const auto move = [&](Segment& segment) {
        if (*segment.program_date_time < test::kStart + 60s) return;
        segment.discontinuity = *segment.program_date_time == test::kStart + 60s;
        *segment.program_date_time += 10s + later;
      };
      for (auto& segment : p.segments) move(segment);
      if (p.open) move(*p.open);
    };
  };
  const auto checker = follow(run(1s), run(0s));
  EXPECT_TRUE(checker.violations().empty()) << told(checker);
}

TEST(PresentationChecker, ChecksTheMultivariantPlaylist) {
  PresentationChecker checker;
  checker.on_master(kMaster, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"none\"\na\n");
  EXPECT_EQ(rules_of(checker), (std::set<Rule>{Rule::codecs_present, Rule::group_exists}));
  EXPECT_EQ(to_string(checker.violations()[0]),
            "http://host/tv/index.m3u8: codecs_present (4.4.6.2, SHOULD): variant a");
  EXPECT_EQ(checker.on_master(kMaster, "<html>").front().rule, Rule::syntax);
}

}  // namespace
}  // namespace sluice::m3u8
