#include "protocol/hls/play.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <set>

#include "access/sessions.hpp"
#include "format/mp4/init.hpp"
#include "protocol/hls/test_listing.hpp"

namespace sluice::hls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using stream::Listing;
using test::live_listing;
using test::make_run;

/// A media whose listings a test sets by hand.
class FakeMedia final : public stream::Media {
 public:
  struct Live : stream::Window {
    std::shared_ptr<const Listing> now = std::make_shared<Listing>();
    Event event;
    bool gone = false;
    int pieces = 0;

    Task<std::shared_ptr<const Listing>> listing() override { co_return now; }
    Task<bool> changed(std::uint64_t generation, SteadyTime deadline) override {
      while (now->generation <= generation) {
        if (gone || !co_await event.wait(deadline)) co_return false;
      }
      co_return true;
    }
    Task<Result<Body>> piece(std::shared_ptr<const stream::Segment> segment, std::string,
                             std::vector<std::uint32_t> tracks, MakePiece make) override {
      ++pieces;
      auto made = make(*segment, tracks, {});
      if (!made) co_return std::unexpected(made.error());
      co_return Body::of(std::move(*made));
    }
  };

  [[nodiscard]] const std::string& name() const override { return settings.name; }
  [[nodiscard]] const stream::StreamConfig& config() const override { return settings; }
  std::shared_ptr<stream::Window> window() override { return live; }
  Task<Result<stream::WaitedFrom>> ready(const stream::FlowForm&, stream::View, SteadyTime) override {
    co_return stream::WaitedFrom{};
  }
  Task<Result<std::unique_ptr<stream::Follower>>> follow(const stream::FlowForm&, stream::View, net::TcpSocket&,
                                                         std::uint64_t&, stream::WaitedFrom, SteadyTime) override {
    co_return nullptr;
  }

  void show(Listing listing) {
    live->now = std::make_shared<const Listing>(std::move(listing));
    live->event.notify_all();
  }

  stream::StreamConfig settings{.name = "a/b"};
  std::shared_ptr<Live> live = std::make_shared<Live>();
};

class HlsTest : public testing::Test {
 public:
  /// Runs `body` on a shard; times out never but where a test waits.
  void run(Task<void> (*body)(HlsTest&)) {
    stream::test::run_on_shards(1, [&](Shards&) -> Task<void> { co_await body(*this); });
  }

  Task<net::HttpResponse> get(std::string rest, std::string query = "") {
    const std::string target = "/" + media->settings.name + "/" + rest;
    net::HttpRequest request{.method = method, .path = target, .query = query, .accepts_gzip = gzip};
    co_return co_await kPlay.play(
        {.request = request, .name = media->settings.name, .rest = rest, .media = media, .session = session});
  }
  /// The same, beside what the test goes on to do.
  void start(std::string rest, std::string query, std::optional<net::HttpResponse>& out) {
    scope.spawn([](HlsTest& test, std::string path, std::string q, std::optional<net::HttpResponse>& to) -> Task<void> {
      to = co_await test.get(std::move(path), std::move(q));
    }(*this, std::move(rest), std::move(query), out));
  }

  static std::string text(const net::HttpResponse& response) {
    std::string out;
    for (const Range& range : response.body.ranges) out += as_text(range.view());
    return out;
  }
  /// The first line of a playlist that is a URI.
  static std::string first_uri(const std::string& playlist) {
    std::string_view rest = playlist;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      if (!line.starts_with('#')) return std::string(line);
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return {};
  }

  Task<std::string> first_uri_in(std::string playlist, std::string query = "") {
    co_return first_uri(text(co_await get(std::move(playlist), std::move(query))));
  }

  std::shared_ptr<FakeMedia> media = std::make_shared<FakeMedia>();
  access::Sessions sessions;
  std::shared_ptr<access::Session> session = *sessions.admit_connection({});
  std::shared_ptr<const stream::Run> av = make_run(stream::test::tracks({"h264", "aac"}), 7);
  std::string_view method = "GET";
  bool gzip = false;
  TaskScope scope;
};

TEST_F(HlsTest, APlayerFindsItsWayFromTheMasterToTheBytes) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av));
    for (const std::string_view master :
         {"index.m3u8", "playlist.m3u8", "index.ts.m3u8", "index.fmp4.m3u8", "index.ll.m3u8"}) {
      const auto answer = co_await t.get(std::string(master), "token=x");
      EXPECT_EQ(answer.status, 200u) << master;
      EXPECT_EQ(answer.kind.content_type, "application/vnd.apple.mpegurl");
      const auto variant = HlsTest::first_uri(HlsTest::text(answer));
      EXPECT_TRUE(variant.ends_with("m3u8?token=x")) << variant;
      const auto playlist = co_await t.get(variant.substr(0, variant.find('?')), "token=x");
      EXPECT_EQ(playlist.status, 200u) << variant;
      const auto folder = variant.substr(0, variant.find('/') + 1);
      const auto segment = HlsTest::first_uri(HlsTest::text(playlist));
      EXPECT_TRUE(segment.ends_with("?token=x")) << segment;
      const auto before = t.session->bytes;
      const auto bytes = co_await t.get(folder + segment.substr(0, segment.find('?')), "token=x");
      EXPECT_EQ(bytes.status, 200u) << folder << segment;
      EXPECT_GT(bytes.body.size(), 1000u);
      EXPECT_EQ(t.session->bytes - before, bytes.body.size());
      EXPECT_EQ(bytes.kind.content_type, segment.find(".ts") != std::string::npos ? "video/mp2t" : "video/mp4");
      EXPECT_TRUE(bytes.kind.cache_control.ends_with("immutable"));
      EXPECT_FALSE(bytes.etag.empty());
    }
  });
}

TEST_F(HlsTest, RootPlaylistsAndSegments) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(make_run(stream::test::tracks({"h264", "aac", "aac", "webvtt"}), 7)));
    EXPECT_EQ(co_await t.first_uri_in("mono.m3u8"), "tracks-v1a1/2026/03/22/08/07/00-02000.ts");
    EXPECT_EQ(co_await t.first_uri_in("mono.fmp4.m3u8"), "tracks-v1a1/2026/03/22/08/07/00-02000.m4s");
    EXPECT_EQ(co_await t.first_uri_in("video.m3u8"), "tracks-v1a1a2/2026/03/22/08/07/00-02000.ts");
    EXPECT_EQ(co_await t.first_uri_in("mono.m3u8", "filter.tracks=a2"),
              "tracks-a2/2026/03/22/08/07/00-02000.ts?filter.tracks=a2");
    EXPECT_EQ((co_await t.get("2026/03/22/08/07/00-02000.ts")).status, 200u);
    EXPECT_EQ((co_await t.get("2026/03/22/08/06/58-02000.ts")).status, 200u) << "no longer listed, still there";
    EXPECT_EQ((co_await t.get("2026/03/22/08/07/00-02001.ts")).status, 404u);
    EXPECT_EQ((co_await t.get("tracks-t1/2026/03/22/08/07/00-02000.ts")).status, 404u);
    EXPECT_EQ((co_await t.get("tracks-t1/2026/03/22/08/07/00-02000.vtt")).status, 200u);
    EXPECT_EQ((co_await t.get("tracks-a7/2026/03/22/08/07/00-02000.ts")).status, 404u);
    EXPECT_EQ((co_await t.get("tracks-a7/mono.m3u8")).status, 404u);
    EXPECT_EQ((co_await t.get("mono.m3u8", "filter.tracks=x")).status, 400u);
  });
}

TEST_F(HlsTest, ACdnGetsTheSegmentsButNotThePlaylists) {
  run([](HlsTest& t) -> Task<void> {
    t.media->settings.url_prefix = "https://cdn.example/x/";
    t.media->show(live_listing(t.av));
    EXPECT_EQ(HlsTest::first_uri(HlsTest::text(co_await t.get("index.m3u8"))), "tracks-v1a1/mono.ts.m3u8");
    EXPECT_EQ(HlsTest::first_uri(HlsTest::text(co_await t.get("tracks-v1/mono.ts.m3u8"))),
              "https://cdn.example/x/a/b/tracks-v1/2026/03/22/08/07/00-02000.ts");
  });
}

TEST_F(HlsTest, InitsOfSeveralRunsAreThere) {
  run([](HlsTest& t) -> Task<void> {
    auto listing = live_listing(t.av, 0);
    auto tracks = stream::test::tracks({"h264", "aac"});
    tracks[0].details.width = 1280;
    auto next = test::SegmentMaker(make_run(tracks, 8)).make(14);
    next->begins_run = true;
    listing.segments.push_back(next);
    t.media->show(std::move(listing));
    const auto playlist = HlsTest::text(co_await t.get("tracks-v1/index.fmp4.m3u8"));
    std::set<std::string> inits;
    for (auto at = playlist.find("init-"); at != std::string::npos; at = playlist.find("init-", at + 1)) {
      inits.insert(playlist.substr(at, playlist.find('"', at) - at));
    }
    EXPECT_EQ(inits.size(), 2u);
    for (const auto& init : inits) {
      const auto answer = co_await t.get("tracks-v1/" + init);
      EXPECT_EQ(answer.status, 200u);
      EXPECT_TRUE(mp4::read_init(as_bytes(HlsTest::text(answer))));
    }
    EXPECT_EQ((co_await t.get("tracks-v1/init-0000000000000000.mp4")).status, 404u);
  });
}

TEST_F(HlsTest, AllWithoutAQueryShareOneGzip) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av));
    const auto plain = HlsTest::text(co_await t.get("tracks-v1/index.ll.m3u8"));
    t.gzip = true;
    const auto one = co_await t.get("tracks-v1/index.ll.m3u8");
    const auto two = co_await t.get("tracks-v1/index.ll.m3u8");
    EXPECT_TRUE(one.gzip);
    EXPECT_LT(one.body.size() * 3, plain.size());
    EXPECT_EQ(one.body.ranges[0].memory, two.body.ranges[0].memory);
    EXPECT_FALSE((co_await t.get("tracks-v1/index.ll.m3u8", "token=1")).gzip);

    std::string unpacked(plain.size() + 1, '\0');
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    const auto packed = HlsTest::text(one);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
    stream.avail_out = static_cast<uInt>(unpacked.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    unpacked.resize(stream.total_out);
    inflateEnd(&stream);
    EXPECT_EQ(unpacked, plain);
  });
}

TEST_F(HlsTest, APlaylistIsMadeAnewWhenItChanges) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av, 0.5, 1));
    const auto memory = [](const net::HttpResponse& r) { return r.body.ranges[0].memory; };
    const auto ts = co_await t.get("tracks-v1/mono.ts.m3u8");
    const auto ll = co_await t.get("tracks-v1/index.ll.m3u8");
    t.media->show(live_listing(t.av, 0.8, 2));
    EXPECT_EQ(memory(co_await t.get("tracks-v1/mono.ts.m3u8")), memory(ts)) << "a part is no change to it";
    EXPECT_NE(HlsTest::text(co_await t.get("tracks-v1/index.ll.m3u8")), HlsTest::text(ll));
    EXPECT_NE(HlsTest::text(co_await t.get("tracks-v1/index.ll.m3u8")),
              HlsTest::text(co_await t.get("tracks-a1/index.ll.m3u8")));
  });
}

TEST_F(HlsTest, HeadCountsNothing) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av));
    t.method = "HEAD";
    EXPECT_GT((co_await t.get("index.m3u8")).body.size(), 0u);
    EXPECT_EQ(t.session->bytes, 0u);
  });
}

TEST_F(HlsTest, AStreamThatIsStartingIsWaitedFor) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show({.has_source = true});
    std::optional<net::HttpResponse> answer;
    t.start("index.m3u8", "", answer);
    EXPECT_FALSE(answer);
    t.media->show(live_listing(t.av));
    co_await stream::test::until([&] { return answer.has_value(); }, "the first segment");
    EXPECT_EQ(answer->status, 200u);
  });
}

TEST_F(HlsTest, AStreamThatNobodyFeedsIsNotFoundAtOnce) {
  run([](HlsTest& t) -> Task<void> {
    for (const auto* form : {"index.m3u8", "tracks-v1/index.ll.m3u8"}) {
      std::optional<net::HttpResponse> answer;
      t.media->show({.generation = 1});
      t.start(form, "", answer);
      EXPECT_TRUE(answer && answer->status == 404) << form;
      answer.reset();
      t.media->show({.generation = 2, .has_source = true});
      t.start(form, "", answer);
      EXPECT_FALSE(answer);
      t.media->show({.generation = 3});
      co_await stream::test::until([&] { return answer.has_value(); }, "the publisher's leaving");
      EXPECT_EQ(answer->status, 404u) << form;
    }
  });
}

TEST_F(HlsTest, AStreamThatIsGoneIsNotFound) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show({.has_source = true});
    std::optional<net::HttpResponse> starting;
    t.start("index.m3u8", "", starting);
    t.media->live->gone = true;
    t.media->live->event.notify_all();
    co_await stream::test::until([&] { return starting.has_value(); }, "the end");
    EXPECT_EQ(starting->status, 404u);
  });
}

TEST_F(HlsTest, ABlockingReloadIsAnsweredByItsPart) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av, 0.5, 1));
    std::optional<net::HttpResponse> part;
    std::optional<net::HttpResponse> whole;
    t.start("tracks-v1/index.ll.m3u8", "_HLS_msn=14&_HLS_part=2", part);
    t.start("tracks-v1/index.ll.m3u8", "_HLS_msn=14", whole);
    EXPECT_FALSE(part);
    t.media->show(live_listing(t.av, 0.7, 2));
    co_await stream::test::until([&] { return part.has_value(); }, "the part");
    EXPECT_NE(HlsTest::text(*part).find("part-7-1403.m4s"), std::string::npos);
    EXPECT_EQ(part->headers.find("max-age=18") != std::string::npos, true);
    EXPECT_FALSE(whole);
    t.media->show(live_listing(t.av, 2, 3));
    co_await stream::test::until([&] { return whole.has_value(); }, "the segment");
    EXPECT_NE(HlsTest::text(*whole).find("segment-14.m4s"), std::string::npos);
  });
}

TEST_F(HlsTest, BlockingReloadsThatCannotBeMeant) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av));
    for (const std::string_view query : {"_HLS_part=1", "_HLS_msn=16", "_HLS_msn=14&_HLS_part=99", "_HLS_msn=x"}) {
      EXPECT_EQ((co_await t.get("tracks-v1/index.ll.m3u8", std::string(query))).status, 400u) << query;
    }
    // Not offered there, so not heeded.
    EXPECT_EQ((co_await t.get("tracks-v1/mono.ts.m3u8", "_HLS_msn=99")).status, 200u);
  });
}

TEST_F(HlsTest, ABlockedReloadEndsWithTheStream) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av, 0, 1));
    std::optional<net::HttpResponse> ended;
    t.start("tracks-v1/index.ll.m3u8", "_HLS_msn=14&_HLS_part=0", ended);
    auto last = live_listing(t.av, 0, 2);
    last.ended = true;
    t.media->show(last);
    co_await stream::test::until([&] { return ended.has_value(); }, "the end");
    EXPECT_NE(HlsTest::text(*ended).find("#EXT-X-ENDLIST"), std::string::npos);
    EXPECT_EQ((co_await t.get("tracks-v1/index.ll.m3u8", "_HLS_msn=500")).status, 200u) << "directives end with it";

    std::optional<net::HttpResponse> gone;
    t.media->show(live_listing(t.av, 0, 3));
    t.start("tracks-v1/index.ll.m3u8", "_HLS_msn=14&_HLS_part=0", gone);
    t.media->show(Listing{.generation = 4});
    co_await stream::test::until([&] { return gone.has_value(); }, "the end");
    EXPECT_EQ(gone->status, 404u);
  });
}

TEST_F(HlsTest, ADeltaUpdateIsMadeOnRequest) {
  run([](HlsTest& t) -> Task<void> {
    auto listing = live_listing(t.av);
    listing.target_duration = seconds(1);  // a Skip Boundary of 6 s
    listing.first_listed = 0;              // 10 s are listed
    t.media->show(listing);
    EXPECT_NE(HlsTest::text(co_await t.get("tracks-v1/index.ll.m3u8", "_HLS_skip=YES")).find("#EXT-X-SKIP"),
              std::string::npos);
    EXPECT_EQ(HlsTest::text(co_await t.get("tracks-v1/index.ll.m3u8")).find("#EXT-X-SKIP"), std::string::npos);
  });
}

TEST_F(HlsTest, AHintedPartIsWaitedFor) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av, 0.5, 1));
    EXPECT_EQ((co_await t.get("tracks-v1/part-7-1402.m4s")).status, 200u);
    EXPECT_EQ((co_await t.get("tracks-v1/part-7-1404.m4s")).status, 404u) << "neither there nor hinted";
    EXPECT_EQ((co_await t.get("tracks-v1/part-8-1403.m4s")).status, 404u) << "another run";
    EXPECT_EQ((co_await t.get("tracks-v1a1/part-7-1402.m4s")).status, 404u);
    EXPECT_EQ((co_await t.get("part-7-1402.m4s")).status, 404u);
    std::optional<net::HttpResponse> part;
    t.start("tracks-v1/part-7-1403.m4s", "", part);
    EXPECT_FALSE(part);
    t.media->show(live_listing(t.av, 0.7, 2));
    co_await stream::test::until([&] { return part.has_value(); }, "the part");
    EXPECT_EQ(part->status, 200u);
    EXPECT_GT(part->body.size(), 500u);

    std::optional<net::HttpResponse> never;
    t.start("tracks-v1/part-7-1404.m4s", "", never);
    auto ended = live_listing(t.av, 0, 3);
    ended.ended = true;
    t.media->show(ended);
    co_await stream::test::until([&] { return never.has_value(); }, "the end");
    EXPECT_EQ(never->status, 404u);
  });
}

TEST_F(HlsTest, PartsInARowAreTheirSegment) {
  run([](HlsTest& t) -> Task<void> {
    t.media->show(live_listing(t.av, 0));
    std::string parts;
    for (int i = 1; i <= 10; ++i)
      parts += HlsTest::text(co_await t.get("tracks-v1/part-7-" + std::to_string(1300 + i) + ".m4s"));
    EXPECT_EQ(HlsTest::text(co_await t.get("tracks-v1/segment-13.m4s")), parts);
    EXPECT_EQ(HlsTest::text(co_await t.get("tracks-v1/2026/03/22/08/07/06-02000.fmp4")), parts);
    EXPECT_EQ((co_await t.get("tracks-v1/segment-14.m4s")).status, 404u);
  });
}

}  // namespace
}  // namespace sluice::hls
