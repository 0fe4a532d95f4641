#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "format/m3u8/presentation_checker.hpp"
#include "protocol/hls/directives.hpp"
#include "protocol/hls/master_playlist.hpp"
#include "protocol/hls/media_playlist.hpp"
#include "protocol/hls/selection.hpp"
#include "stream/source_model.hpp"
#include "stream/store.hpp"

// Sources on a virtual clock, the stream's own timeline and store, and viewers who reload every playlist of the
// presentation as low-latency players do; the checker of format/m3u8 watches.
namespace sluice::hls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using stream::Listing;
using stream::test::Scripts;
using stream::test::SentFrame;
using stream::test::Us;
using Player = stream::test::Player;

/// One player's reloads of one playlist: each request asks for the part after the last, and waits for it.
struct Viewer {
  std::string id;  ///< of its track
  std::optional<Directives> asked;
  SteadyTime since{};
  bool skip = false;
};

class Stream {
 public:
  explicit Stream(Shard& shard, stream::TimelineOptions options = {})
      : clock_(Player::kSteadyStart, Player::kUtcStart),
        store_(shard, clock_, {.segment_count = 4, .target_durations = 3}),
        timeline_(options, clock_, store_),
        checker_({.low_latency = true, .source_may_pause = true}) {}

  void begin(const Scripts& scripts, bool same_source = false) {
    auto tracks = stream::test::tracks_of(scripts);
    for (auto& track : tracks) track.details.codec_string = track.content() == media::Content::video ? "avc1" : "mp4a";
    if (!same_source) normalizer_ = {};
    normalizer_.set_tracks(tracks);
    timeline_.begin_run(tracks, same_source, now_);
  }
  void play(const Scripts& scripts, Us from, Us to) {
    for (SentFrame& sent : stream::test::record(scripts, from, to)) {
      pass_to(Player::kSteadyStart + sent.arrives);
      sent.frame.arrival = now_;
      normalizer_.normalize(sent.frame);
      timeline_.push(std::move(sent.frame));
      serve();
    }
  }
  void lose_source() {
    timeline_.flush();
    serve();
  }
  void end() {
    timeline_.flush();
    store_.set_ended(true);
    serve();
  }

  /// What was broken, but for rules that no server could have kept.
  [[nodiscard]] std::string violations(std::set<m3u8::Rule> excused = {}) const {
    std::string out;
    for (const auto& violation : checker_.violations()) {
      if (!excused.contains(violation.rule)) out += m3u8::to_string(violation) + "\n";
    }
    return out;
  }
  [[nodiscard]] std::uint64_t reloads(const std::string& id) const {
    const auto* checker = checker_.checker(uri(id));
    return checker == nullptr ? 0 : checker->reloads();
  }
  [[nodiscard]] const m3u8::MediaPlaylist& playlist(const std::string& id) const {
    return *checker_.checker(uri(id))->playlist();
  }

 private:
  static std::string uri(const std::string& id) { return "/s/tracks-" + id + "/index.ll.m3u8"; }

  void pass_to(SteadyTime to) {
    while (now_ + milliseconds(100) < to) {
      now_ = std::max(now_ + milliseconds(100), SteadyTime(Player::kSteadyStart));
      timeline_.advance(now_);
      serve();
    }
    now_ = to;
  }

  void serve() {
    if (!store_.changed()) return;
    const auto listing = store_.listing();
    if (!can_begin(*listing)) return;
    const auto& tracks = listing->run()->tracks;
    stream::View presentation;
    for (const auto i : carried(tracks, {}, Container::low_latency)) presentation.track_ids.push_back(tracks[i].id);
    if (viewers_.empty()) {
      const auto master = master_playlist(*listing, {.container = Container::low_latency});
      checker_.on_master("/s/index.ll.m3u8", m3u8::write(master).text);
      for (const auto& id : presentation.track_ids) viewers_.push_back({.id = id});
    }
    for (Viewer& viewer : viewers_) reload_one(viewer, *listing, presentation);
    expect_exact_reports(*listing, presentation);
  }

  /// The checker, who sees playlists of different moments, grants reports some time.
  static void expect_exact_reports(const Listing& listing, const stream::View& presentation) {
    std::map<std::string, m3u8::MediaPlaylist> playlists;
    for (const auto& id : presentation.track_ids) {
      playlists["../tracks-" + id + "/index.ll.m3u8"] = media_playlist(
          listing, {.container = Container::low_latency, .tracks = {.track_ids = {id}}, .reported = presentation});
    }
    for (const auto& [uri, playlist] : playlists) {
      for (const auto& report : playlist.rendition_reports) {
        const m3u8::Edge reported{.msn = report.last_msn, .part = report.last_part};
        EXPECT_EQ(reported, m3u8::edge_of(playlists.at(report.uri))) << report.uri << " in " << uri;
      }
    }
  }

  void reload_one(Viewer& viewer, const Listing& listing, const stream::View& presentation) {
    const stream::View track{.track_ids = {viewer.id}};
    const Edge edge = edge_of(listing, track, Container::low_latency);
    if (viewer.asked && !listing.ended && reload(*viewer.asked, edge, listing.part_target) != Reload::answer) return;
    const auto playlist =
        media_playlist(listing, {.container = Container::low_latency, .tracks = track, .reported = presentation});
    const auto text = (viewer.skip ? m3u8::write_delta(playlist) : m3u8::write(playlist)).text;
    m3u8::Exchange exchange{.requested = viewer.since, .answered = now_, .skip = viewer.skip, .text = text};
    if (viewer.asked) {
      exchange.msn = viewer.asked->msn;
      exchange.part = viewer.asked->part;
    } else {
      exchange.requested = now_;
    }
    checker_.on_answer(uri(viewer.id), exchange);
    viewer.asked = Directives{.msn = edge.next};
    if (edge.has_parts) viewer.asked->part = edge.parts;
    viewer.since = now_;
    viewer.skip = !viewer.skip;
  }

  SteadyTime now_{};
  WallClock clock_;
  stream::Store store_;
  stream::Normalizer normalizer_;
  stream::Timeline timeline_;
  m3u8::PresentationChecker checker_;
  std::vector<Viewer> viewers_;
};

/// Runs `body` with a stream on a shard of its own.
void with_stream(const std::function<void(Stream&)>& body, stream::TimelineOptions options = {}) {
  Shard shard(0, std::size_t{1} << 30);
  shard.post([&] {
    {
      Stream stream(shard, options);
      body(stream);
    }
    shard.stop();
  });
  shard.run();
  shard.drop_posted();
}

/// Two minutes of a source, followed by low-latency players.
void expect_clean(const Scripts& scripts, const std::string& id = "v1", std::uint64_t least_reloads = 100) {
  with_stream([&](Stream& stream) {
    stream.begin(scripts);
    stream.play(scripts, Us(0), seconds(120));
    EXPECT_EQ(stream.violations(), "");
    EXPECT_GE(stream.reloads(id), least_reloads);
  });
}

using stream::test::aac;
using stream::test::mp3;
using stream::test::video;

TEST(Live, Film) { expect_clean({video(24'000, 1001, 48), aac()}); }
TEST(Live, Pal) { expect_clean({video(25, 1, 50), aac()}); }
TEST(Live, Ntsc) { expect_clean({video(30'000, 1001, 60), aac(44'100)}); }
TEST(Live, NtscInMilliseconds) {
  auto source = video(30'000, 1001, 60);
  source.whole_milliseconds = true;
  expect_clean({source, aac()});
}
TEST(Live, DoubleNtsc) { expect_clean({video(60'000, 1001, 120), aac()}); }
TEST(Live, HalfPal) { expect_clean({video(25, 2, 25), aac()}); }
TEST(Live, OneFrameASecond) { expect_clean({video(1, 1, 2), aac()}, "v1", 80); }
TEST(Live, WithBFrames) {
  auto source = video(25, 1, 50);
  source.b_frames = 2;
  expect_clean({source, mp3(44'100)});
}
TEST(Live, AudioAlone) { expect_clean({aac()}, "a1"); }
TEST(Live, GopsThatDoNotFitTheGrid) { expect_clean({video(25, 1, 77), aac()}); }
TEST(Live, ThreeVideosAndTwoAudios) {
  expect_clean({video(25, 1, 50), video(25, 1, 50), video(25, 1, 25), aac(), mp3(48'000)}, "v3");
}

TEST(Live, WithText) { expect_clean({video(25, 1, 50), aac(), stream::test::text()}); }
TEST(Live, ATrackThatPauses) {
  with_stream([](Stream& stream) {
    const Scripts scripts{video(25, 1, 50), aac()};
    stream.begin(scripts);
    stream.play(scripts, Us(0), seconds(30));
    stream.play({video(25, 1, 50)}, seconds(30), seconds(60));
    stream.play(scripts, seconds(60), seconds(90));
    EXPECT_EQ(stream.violations({m3u8::Rule::part_in_time}), "");
  });
}

TEST(Live, ASourceThatComesBackBeginsWithADiscontinuity) {
  with_stream([](Stream& stream) {
    const Scripts scripts{video(25, 1, 50), aac()};
    stream.begin(scripts);
    stream.play(scripts, Us(0), seconds(40));
    stream.lose_source();
    stream.begin(scripts);
    stream.play(scripts, seconds(43), seconds(80));
    EXPECT_EQ(stream.violations(), "");
    EXPECT_GT(stream.playlist("v1").discontinuity_sequence + stream.playlist("v1").segments.size(), 6u);
  });
}

TEST(Live, AStreamThatEndsSaysSo) {
  with_stream([](Stream& stream) {
    const Scripts scripts{video(25, 1, 50), aac()};
    stream.begin(scripts);
    stream.play(scripts, Us(0), seconds(40));
    stream.end();
    EXPECT_TRUE(stream.playlist("v1").ended);
    EXPECT_TRUE(stream.playlist("a1").ended);
    EXPECT_EQ(stream.violations(), "");
  });
}

}  // namespace
}  // namespace sluice::hls
