#include "protocol/hls/address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::hls {
namespace {

using Kind = PlaylistAddress::Kind;
using std::chrono::seconds;

template <class T>
std::optional<T> parsed(std::string_view rest) {
  const auto address = Address::parse(rest);
  if (!address || !std::holds_alternative<T>(address->what)) return {};
  return std::get<T>(address->what);
}

TEST(Address, NamesEveryPlaylistForm) {
  const std::pair<std::string_view, PlaylistAddress> forms[] = {
      {"index.m3u8", {Kind::master, Container::automatic}},
      {"playlist.m3u8", {Kind::master, Container::automatic}},
      {"index.ts.m3u8", {Kind::master, Container::ts}},
      {"index.fmp4.m3u8", {Kind::master, Container::cmaf}},
      {"index.ll.m3u8", {Kind::master, Container::low_latency}},
      {"mono.m3u8", {Kind::single, Container::automatic}},
      {"mono.ts.m3u8", {Kind::single, Container::ts}},
      {"mono.fmp4.m3u8", {Kind::single, Container::cmaf}},
      {"video.m3u8", {Kind::muxed, Container::automatic}},
  };
  for (const auto& [rest, expected] : forms) {
    EXPECT_EQ(parsed<PlaylistAddress>(rest), expected) << rest;
    const auto inner = Address::parse("tracks-v1a2/" + std::string(rest));
    ASSERT_TRUE(inner) << rest;
    EXPECT_EQ(inner->tracks->track_ids, (std::vector<std::string>{"v1", "a2"}));
  }
}

TEST(Address, ReadsSegmentsByTheirTime) {
  const auto segment = parsed<SegmentAddress>("2026/03/22/08/06/37-05000.ts");
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->second, std::chrono::sys_seconds(seconds(1'774'166'797)));
  EXPECT_EQ(segment->name_ms, 5000u);
  EXPECT_EQ(segment->container, Container::ts);
  EXPECT_EQ(parsed<SegmentAddress>("tracks-v1/2026/03/22/08/06/37-123456.fmp4")->name_ms, 123'456u);
  EXPECT_EQ(parsed<SegmentAddress>("2026/03/22/08/06/37-05000.m4s")->container, Container::cmaf);
  EXPECT_FALSE(parsed<SegmentAddress>("2026/03/22/08/06/37-05000.m4s")->text);
  EXPECT_TRUE(parsed<SegmentAddress>("2026/03/22/08/06/37-05000.vtt")->text);
  EXPECT_EQ(parsed<SegmentAddress>("2026/03/22/08/06/37-05000.vtt")->container, Container::cmaf);
  EXPECT_EQ(parsed<SegmentAddress>("2026/03/22/08/06/37-05000.ts.vtt")->container, Container::ts);
}

TEST(Address, ReadsWhatLowLatencyNames) {
  EXPECT_EQ(parsed<NumberAddress>("tracks-v1/segment-17.m4s"), (NumberAddress{.number = 17}));
  EXPECT_EQ(parsed<NumberAddress>("tracks-t1/segment-17.vtt"), (NumberAddress{.text = true, .number = 17}));
  EXPECT_EQ(parsed<PartAddress>("tracks-v1/part-3-4294967295.m4s"), (PartAddress{3, 4'294'967'295}));
  EXPECT_EQ(parsed<InitAddress>("tracks-v1/init-00000000000000ff.mp4"), (InitAddress{255}));
}

TEST(Address, RefusesEverythingElse) {
  for (const std::string_view rest : {"",
                                      "/",
                                      "index.m3u8/",
                                      "index.mp4",
                                      "other.m3u8",
                                      "mono.ll.m3u8",
                                      ".m3u8",
                                      "tracks-v1",
                                      "tracks-/index.m3u8",
                                      "tracks-x1/index.m3u8",
                                      "tracks-v1/tracks-v1/index.m3u8",
                                      "a/index.m3u8",
                                      "2026/13/22/08/06/37-05000.ts",
                                      "2026/02/30/08/06/37-05000.ts",
                                      "2026/03/22/24/06/37-05000.ts",
                                      "2026/03/22/08/60/37-05000.ts",
                                      "2026/03/22/08/06/60-05000.ts",
                                      "2026/03/22/08/06/37-5000.ts",
                                      "2026/03/22/08/06/37-0500000000.ts",
                                      "2026/03/22/08/06/37-05000.mp4",
                                      "2026/03/22/08/06/37-05000",
                                      "26/03/22/08/06/37-05000.ts",
                                      "2026/03/22/08/06/37-05000.ts.ts",
                                      "06/37-05000.ts",
                                      "part-1.m4s",
                                      "part-1-.m4s",
                                      "part--1.m4s",
                                      "part-1-4294967296.m4s",
                                      "part-1-99999999999.m4s",
                                      "part-1-2.mp4",
                                      "segment-.m4s",
                                      "segment-1.ts",
                                      "segment-99999999999999999999.m4s",
                                      "init-ff.mp4",
                                      "init-00000000000000FF.mp4",
                                      "init-00000000000000ff0.mp4",
                                      "init-00000000000000ff.m4s"}) {
    EXPECT_FALSE(Address::parse(rest)) << rest;
  }
}

TEST(Address, RefusesEveryPrefix) {
  for (const std::string_view whole : {"tracks-v1a1/2026/03/22/08/06/37-05000.m4s", "tracks-v1/part-3-77.m4s",
                                       "tracks-v1/init-0123456789abcdef.mp4", "tracks-v1/index.ll.m3u8"}) {
    ASSERT_TRUE(Address::parse(whole));
    for (std::size_t n = 0; n < whole.size(); ++n)
      EXPECT_FALSE(Address::parse(whole.substr(0, n))) << whole.substr(0, n);
  }
}

TEST(Address, TheNameEndsBeforeIt) {
  const std::pair<std::string_view, std::string_view> paths[] = {
      {"a/index.m3u8", "a"},
      {"a/b/c/index.m3u8", "a/b/c"},
      {"a/b/tracks-v1/index.ll.m3u8", "a/b"},
      {"a/2026/03/22/08/06/37-05000.ts", "a"},
      {"a/b/tracks-v1a1/2026/03/22/08/06/37-05000.ts", "a/b"},
      {"a/tracks-t1/2026/03/22/08/06/37-05000.ts.vtt", "a"},
      {"a/tracks-t1/segment-5.vtt", "a"},
      {"a/tracks-v1/part-1-2.m4s", "a"},
      {"a/tracks-v1/init-0123456789abcdef.mp4", "a"},
      {"a/tracks-cam/index.m3u8", "a/tracks-cam"},  // no selector: a name
  };
  for (const auto& [path, name] : paths) EXPECT_EQ(name_length(path), name.size()) << path;
  for (const std::string_view path : {"index.m3u8", "/index.m3u8", "tracks-v1/index.m3u8",
                                      "2026/03/22/08/06/37-05000.ts", "a/mpegts", "a/embed.html", "a.m3u8", ""}) {
    const auto length = name_length(path);
    // A lone selector can only be a name.
    if (path == "tracks-v1/index.m3u8")
      EXPECT_EQ(length, 9u);
    else
      EXPECT_FALSE(length) << path;
  }
}

}  // namespace
}  // namespace sluice::hls
