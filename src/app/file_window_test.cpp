#include <gtest/gtest.h>

#include "app/test_play.hpp"
#include "protocol/rtmp/flow.hpp"
#include "stream/test_file_window.hpp"
#include "stream/test_server.hpp"
#include "stream/window_media.hpp"

// What a stream stored, written to a file and played from there by every protocol: the same bytes that viewers of the
// live stream got.
namespace sluice::app {
namespace {

using std::chrono::seconds;
using stream::test::kSecond;
using stream::test::Server;
using stream::test::Viewer;
using test::Client;
using test::expect_sent;
using test::Played;

namespace sample = mpegts::sample;

constexpr Ticks kChange = 6 * kSecond;
constexpr Ticks kEnd = 12 * kSecond;
constexpr Ticks kMillisecond{90};  // in which FLV has its stamps

/// The stream's tracks, and what they become: another size, another sample rate. (Frames of 44.1 kHz do not begin on
/// whole ticks: what a store counts in samples would be off by one in a flow of frames from there.)
media::Tracks first_tracks() { return sample::tracks({sample::h264(), sample::aac(48'000, "eng")}); }
media::Tracks second_tracks() {
  return sample::tracks({sample::h264(sample::kSps640x360), sample::aac(24'000, "eng")});
}

std::vector<media::Frame> frames_of(const media::Tracks& tracks, Ticks from, Ticks to) {
  auto frames = stream::test::frames(tracks, from, to, 0, 25);
  for (auto& frame : frames) {
    const auto seed = static_cast<std::uint32_t>(frame.dts.count()) + frame.track;
    frame.payload = tracks[frame.track].content() == media::Content::video
                        ? sample::picture(frame.random_access, 900, seed)
                        : Payload::own(sample::coded(200, seed));
  }
  return frames;
}

class FileWindow : public testing::Test {
 protected:
  struct Both {
    Client& live;
    Client& file;
    Viewer &flv, &ts, &rtmp;               // of the live stream
    std::shared_ptr<stream::Media> media;  // the file
  };

  /// Publishes a stream that changes in the middle, with a viewer of each flow from its beginning, and lets `look` see
  /// it and the file of it.
  void run(const std::function<Task<void>(Both&)>& look) {
    stream::StreamPlan plan;
    plan.streams = {stream::test::published("s")};
    plan.streams[0].segment_count = 1000;
    Server server(std::move(plan));
    server.run([&]() -> Task<void> {
      auto feed = *co_await server[0].publish({.name = "s", .proto = "rtmp", .ip = "10.0.0.1"});
      const auto began = Shard::current().now();
      const auto send = [&](Ticks from, Ticks to) {
        for (auto& frame : frames_of(from < kChange ? first_tracks() : second_tracks(), from, to)) {
          frame.arrival = began + std::chrono::duration_cast<SteadyTime::duration>(frame.dts);
          feed->push(std::move(frame));
          feed->flush();
        }
      };
      feed->set_tracks(first_tracks());
      send(Ticks(0), kSecond);
      const auto media = co_await server.media("s");
      Viewer flv, ts, rtmp;
      Client live(media);
      co_await live.play("flv", flv);
      co_await live.play("mpegts", ts);
      co_await server.play(media, rtmp, rtmp::kFlow);
      for (Ticks at = kSecond; at < kEnd; at += kSecond) {
        if (at == kChange) feed->set_tracks(second_tracks());
        send(at, at + kSecond);
        // They must not fall behind what a flow keeps, and a second was sent in no time.
        const auto pictures = static_cast<std::size_t>((at + kSecond) / Ticks(3600));
        const auto seen = [&] {
          return test::read_flv(as_bytes(flv.read())).of(0).size() == pictures &&
                 test::read_ts(as_bytes(ts.read())).of(0).size() == pictures && !rtmp.read().empty();
        };
        co_await stream::test::until(seen, "what was sent");
      }
      feed.reset();

      auto listing = co_await media->window()->listing();
      const auto done = [&] {
        return !listing->segments.empty() && std::ranges::all_of(listing->segments, &stream::Segment::complete);
      };
      while (!done() && co_await media->window()->changed(listing->generation, Server::soon())) {
        listing = co_await media->window()->listing();
      }
      EXPECT_TRUE(done());
      auto config = std::make_shared<stream::StreamConfig>(stream::test::published("vod/file"));
      config->prepush = {.mode = stream::Prepush::Mode::seconds, .length = seconds(1000)};
      const auto file_media =
          std::make_shared<stream::WindowMedia>(config, std::make_shared<stream::test::FileWindow>(*listing, config));
      Client file(file_media);
      Both both{.live = live, .file = file, .flv = flv, .ts = ts, .rtmp = rtmp, .media = file_media};
      co_await look(both);
    });
  }

  /// All that a viewer of a flow of the file gets, until the server closes the connection.
  static Task<std::string> played(Both& both, std::string rest) {
    Viewer viewer;
    Client client(both.media);
    co_await client.play(std::move(rest), viewer);
    co_await stream::test::until([&] { return viewer.closed(); }, "the end of the file");
    EXPECT_EQ(client.session->bytes, viewer.read().size());
    co_return viewer.read();
  }

  std::vector<media::Frame> sent_ = [] {
    auto all = frames_of(first_tracks(), Ticks(0), kChange);
    std::ranges::move(frames_of(second_tracks(), kChange, kEnd), std::back_inserter(all));
    return all;
  }();
};

/// Where two strings begin to differ.
std::string difference(std::string_view a, std::string_view b) {
  if (a == b) return {};
  const auto at = std::ranges::mismatch(a, b).in1 - a.begin();
  return "differ at " + std::to_string(at) + " of " + std::to_string(a.size()) + " and " + std::to_string(b.size());
}

TEST_F(FileWindow, IsPlayedAsHttpFlv) {
  run([&](Both& both) -> Task<void> {
    const auto flv = co_await played(both, "flv");
    EXPECT_EQ(difference(flv, both.flv.read()), "");
    const auto read = test::read_flv(as_bytes(flv));
    expect_sent(read.of(0), sent_, 0, kMillisecond);
    EXPECT_EQ(read.of(0).size(), 300u);
    EXPECT_TRUE(read.tracks[0].same_parameters(second_tracks()[0])) << "it was told the change";
    EXPECT_TRUE(read.tracks[1].same_parameters(second_tracks()[1]));
  });
}

TEST_F(FileWindow, IsPlayedAsHttpTs) {
  run([&](Both& both) -> Task<void> {
    const auto ts = co_await played(both, "mpegts");
    EXPECT_EQ(difference(ts, both.ts.read()), "");
    const auto read = test::read_ts(as_bytes(ts));
    expect_sent(read.of(0), sent_, 0);
    EXPECT_EQ(read.of(0).size(), 300u);
    EXPECT_TRUE(read.tracks[0].same_parameters(second_tracks()[0]));
  });
}

TEST_F(FileWindow, IsPlayedAsRtmp) {
  run([&](Both& both) -> Task<void> {
    Viewer viewer;
    const auto follower = co_await both.media->follow(rtmp::kFlow, {}, *viewer.socket, viewer.sent, {}, Server::soon());
    EXPECT_TRUE(follower);
    co_await stream::test::until([&] { return viewer.closed(); }, "the end of the file");
    EXPECT_EQ(difference(viewer.read(), both.rtmp.read()), "");
  });
}

TEST_F(FileWindow, IsPlayedAtThePaceOfItsStamps) {
  run([&](Both& both) -> Task<void> {
    const auto config = std::make_shared<stream::StreamConfig>(stream::test::published("vod/file"));
    Viewer viewer;
    Client client(std::make_shared<stream::WindowMedia>(config, both.media->window()));
    const auto began = Shard::current().now();
    co_await client.play("flv", viewer);
    for (std::size_t seen = 0; seen < 40;) {
      co_await stream::test::until([&] { return test::read_flv(as_bytes(viewer.read())).of(0).size() > seen; }, "more");
      const auto frames = test::read_flv(as_bytes(viewer.read())).of(0);
      EXPECT_LE(frames.back().dts, kSecond + to_ticks(Shard::current().now() - began) + kMillisecond);
      seen = frames.size();
    }
  });
}

TEST_F(FileWindow, IsPlayedAsHls) {
  run([&](Both& both) -> Task<void> {
    for (const std::string_view form : {"index.m3u8", "index.ts.m3u8", "index.fmp4.m3u8", "index.ll.m3u8"}) {
      SCOPED_TRACE(form);
      const auto master = co_await both.file.master(std::string(form));
      EXPECT_EQ(master.variants.size(), 1u);
      EXPECT_EQ(master.variants.at(0).codecs, (co_await both.live.master(std::string(form))).variants.at(0).codecs);
      std::vector<std::string> uris{master.variants.at(0).uri};
      for (const auto& rendition : master.renditions) uris.push_back(rendition.uri);
      for (const std::string& uri : uris) {
        const auto live = co_await both.live.playlist(uri);
        auto file = co_await both.file.playlist(uri);
        EXPECT_TRUE(file.ended);
        EXPECT_EQ(file.segments.size(), 12u);
        EXPECT_EQ(file.segments.at(6).discontinuity, true);
        EXPECT_EQ(file.segments.size(), live.segments.size());
        for (std::size_t i = 0; i < std::min(file.segments.size(), live.segments.size()); ++i) {
          file.segments[i].parts = live.segments[i].parts;  // listed near the edge, which is elsewhere
          EXPECT_EQ(file.segments[i], live.segments[i]) << i;
        }
        EXPECT_EQ(co_await both.file.media(uri), co_await both.live.media(uri));
      }
    }
  });
}

TEST_F(FileWindow, LeavesForTheSocketFromDisk) {
  run([&](Both& both) -> Task<void> {
    const auto list = co_await both.file.playlist("tracks-v1/index.fmp4.m3u8");
    const auto uri = Client::beside("tracks-v1/index.fmp4.m3u8", list.segments.at(7).uri);
    const auto response = co_await both.file.get(uri);
    EXPECT_EQ(response.body.ranges.at(0).memory, nullptr);
    Viewer viewer;
    EXPECT_TRUE(co_await viewer.socket->send(as_bytes("head"), response.body, net::Pace::Limits()));
    EXPECT_EQ(difference(viewer.read(), "head" + std::string(as_text(co_await both.live.bytes(uri)))), "");
  });
}

TEST_F(FileWindow, HasTheInitOfEachRun) {
  run([&](Both& both) -> Task<void> {
    for (const std::string uri :
         {"tracks-v1/index.fmp4.m3u8", "tracks-a1/index.ll.m3u8", "tracks-v1a1/index.fmp4.m3u8"}) {
      const auto list = co_await both.file.playlist(uri);
      const auto frames = [&](std::size_t from, std::size_t to) -> Task<Played> {
        Bytes all;
        for (std::size_t i = from; i < to; ++i) {
          const Bytes one = co_await both.file.bytes(Client::beside(uri, list.segments.at(i).uri));
          all.insert(all.end(), one.begin(), one.end());
        }
        const Bytes init = co_await both.file.bytes(Client::beside(uri, list.segments.at(from).map_uri));
        co_return test::read_cmaf(init, all);
      };
      const auto before = co_await frames(0, 6);
      const auto after = co_await frames(6, 12);
      for (std::size_t i = 0; i < before.tracks.size(); ++i) {
        const auto track = before.tracks[i].content() == media::Content::video ? 0u : 1u;
        EXPECT_TRUE(before.tracks[i].same_parameters(first_tracks()[track])) << uri;
        EXPECT_TRUE(after.tracks[i].same_parameters(second_tracks()[track])) << uri;
        expect_sent(before.of(static_cast<std::uint32_t>(i)), sent_, track);
        expect_sent(after.of(static_cast<std::uint32_t>(i)), sent_, track);
      }
    }
  });
}

TEST_F(FileWindow, HasItsPartsStill) {
  run([&](Both& both) -> Task<void> {
    const auto list = co_await both.live.playlist("tracks-v1/index.ll.m3u8");
    std::size_t parts = 0;
    for (const auto& segment : list.segments) {
      for (const auto& part : segment.parts) {
        const auto uri = Client::beside("tracks-v1/index.ll.m3u8", part.uri);
        EXPECT_EQ(co_await both.file.bytes(uri), co_await both.live.bytes(uri));
        ++parts;
      }
    }
    EXPECT_GT(parts, 10u);
  });
}

}  // namespace
}  // namespace sluice::app
