// Whole runs against a server in this process that does what a server should not.

#include "load/run.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp

#include <cstdio>
#include <filesystem>
#include <set>

#include "format/flv/file_reader.hpp"
#include "format/flv/frame_reader.hpp"
#include "format/flv/writer.hpp"
#include "format/mpegts/muxer.hpp"
#include "load/clip_source.hpp"
#include "load/report.hpp"
#include "load/stamped_writer.hpp"
#include "load/test_clip.hpp"
#include "load/test_server.hpp"

namespace sluice::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Which pictures, counted from 1, the server does not send, or sends twice.
struct Mischief {
  std::set<int> drop;
  std::set<int> repeat;
};

/// `pictures` pictures of the clip and its sound, as an FLV stream.
std::shared_ptr<const Bytes> flv_stream(const Clip& clip, int pictures, const Mischief& mischief = {}) {
  auto out = std::make_shared<Bytes>();
  ByteWriter w(*out);
  StampedWriter writer(clip, 77);
  ClipLoop loop(clip);
  flv::write_file_header(w, true, true);
  const auto tag = [&w](flv::Message::Type type, std::uint32_t ms, std::span<const BytesView> body) {
    flv::write_tag(w, type, ms, body);
  };
  writer.headers(tag);
  for (int picture = 0;;) {
    const auto next = loop.next();
    int copies = 1;
    if (clip.tracks()[next.frame.track].content() == media::Content::video) {
      if (++picture > pictures) break;
      if (mischief.drop.contains(picture)) copies = 0;
      if (mischief.repeat.contains(picture)) copies = 2;
    }
    writer.frame(next, [&](flv::Message::Type type, std::uint32_t ms, std::span<const BytesView> body) {
      for (int i = 0; i < copies; ++i) tag(type, ms, body);
    });
  }
  return out;
}

/// The same as a transport stream.
std::shared_ptr<const Bytes> ts_stream(const Clip& clip, int pictures, const Mischief& mischief = {}) {
  const auto flv = flv_stream(clip, pictures, mischief);
  auto out = std::make_shared<Bytes>();
  BytesView in(*flv);
  flv::FileReader file;
  flv::FrameReader frames;
  std::optional<mpegts::Muxer> muxer;
  ByteWriter w(*out);
  while (const auto message = file.next(in).value()) {
    auto output = frames.read(*message, {}).value();
    if (output.tracks && output.tracks->size() == 2) {
      muxer.emplace(*output.tracks, mpegts::MuxerOptions{});
    }
    if (output.frame && muxer) muxer->frame(w, *output.frame);
  }
  return out;
}

class RunTest : public testing::Test {
 protected:
  static Target target(const std::string& url) {
    auto out = parse_target(url).value();
    EXPECT_TRUE(resolve(out));
    return out;
  }

  /// Runs viewers of `path` until all have what there is.
  Report watch(net::HttpHandler handler, const std::string& path, RunOptions options = {}) {
    Shards shards(1);
    TestServer server(shards[0], std::move(handler));
    options.play = {target(server.url(path))};
    if (options.viewers == 0) options.viewers = 5;
    if (options.window == seconds(0)) options.window = seconds(20);
    load::Run run(std::move(options));  // testing::Test has a Run of its own
    TaskScope scope;
    shards[0].post([&] { scope.spawn(drive(run, server, shards)); });
    shards.run();
    return make_report(run);
  }

  /// The same for one body for all.
  Report watch(std::shared_ptr<const Bytes> body, const std::string& path, RunOptions options = {}) {
    return watch([body](const net::HttpRequest&) { return answer(body); }, path, std::move(options));
  }

  const Clip clip_ = Clip::read(test_flv({.gops = 1, .gop = 10})).value();

 private:
  static Task<void> drive(load::Run& run, TestServer& server, Shards& shards) {
    co_await run.run();
    server.stop();
    shards.stop();
  }
  static Task<net::HttpResponse> answer(std::shared_ptr<const Bytes> body) {
    co_return TestServer::flow(body, "application/octet-stream");
  }
};

TEST_F(RunTest, FindsNothingWrongWithAFlvStreamThatIsWhole) {
  const auto report = watch(flv_stream(clip_, 60), "/a.flv");
  EXPECT_EQ(report.total.parsed, 5u);
  EXPECT_EQ(report.total.video_frames, 5u * 60);
  EXPECT_EQ(report.total.audio_frames, 5u * 113);  // 60 pictures of 3600 ticks are 112.5 of 1920
  EXPECT_EQ(report.total.lost, 0u);
  EXPECT_EQ(report.total.repeated, 0u);
  EXPECT_EQ(report.total.startup.count(), 5u);
  EXPECT_EQ(report.total.delay.count(), 5u * 60);
  EXPECT_EQ(report.total.dropped, 5u);  // the server closed, and no FLV says that it is over
}

TEST_F(RunTest, DetectsOneDroppedFrame) {
  for (const bool ts : {false, true}) {
    const Mischief mischief{.drop = {33}};
    const auto report =
        ts ? watch(ts_stream(clip_, 60, mischief), "/a/mpegts") : watch(flv_stream(clip_, 60, mischief), "/a.flv");
    ASSERT_EQ(report.parsed.size(), 5u);
    for (const auto& viewer : report.parsed) {
      EXPECT_EQ(viewer.counts.video_frames, 59u) << ts;
      EXPECT_EQ(viewer.lost, 1u) << ts;
      EXPECT_EQ(viewer.repeated, 0u) << ts;
    }
    EXPECT_TRUE(report.faulty());
  }
}

TEST_F(RunTest, DetectsOneRepeatedFrame) {
  for (const bool ts : {false, true}) {
    const Mischief mischief{.repeat = {33}};
    const auto report =
        ts ? watch(ts_stream(clip_, 60, mischief), "/a/mpegts") : watch(flv_stream(clip_, 60, mischief), "/a.flv");
    ASSERT_EQ(report.parsed.size(), 5u);
    for (const auto& viewer : report.parsed) {
      EXPECT_EQ(viewer.counts.video_frames, 61u) << ts;
      EXPECT_EQ(viewer.lost, 0u) << ts;
      EXPECT_EQ(viewer.repeated, 1u) << ts;
    }
  }
}

TEST_F(RunTest, CountsTheBytesOfViewersThatItDoesNotParse) {
  const auto body = flv_stream(clip_, 60);
  const auto report = watch(body, "/a.flv", {.viewers = 8, .parsed = 2});
  EXPECT_EQ(report.total.parsed, 2u);
  EXPECT_EQ(report.total.video_frames, 2u * 60);
  EXPECT_EQ(report.total.startup.count(), 8u);
  // All have the same head before the same body.
  EXPECT_GT(report.total.bytes, 8 * body->size());
  EXPECT_EQ(report.total.bytes % 8, 0u);
}

TEST_F(RunTest, SeesWhatIsRefusedAndWhatIsNoMedia) {
  const auto refused =
      watch([](const net::HttpRequest&) -> Task<net::HttpResponse> { co_return net::HttpResponse::text(404, "no"); },
            "/a.flv");
  EXPECT_EQ(refused.total.refused, 5u);
  EXPECT_EQ(refused.total.http_errors, 5u);
  EXPECT_EQ(refused.exit_status(), 2);

  const auto unreadable = watch(std::make_shared<const Bytes>(Bytes(1000, std::byte{1})), "/a.flv");
  EXPECT_EQ(unreadable.total.unreadable, 5u);
}

TEST_F(RunTest, SeesWhatCannotBeReached) {
  Shards shards(1);
  std::string url;
  {
    const TestServer gone(shards[0], {});
    url = gone.url("/a.flv");
    shards[0].drop_posted();
  }
  load::Run run({.play = {target(url)}, .viewers = 3, .window = seconds(20)});
  TaskScope scope;
  shards[0].post([&] {
    scope.spawn([](load::Run& r, Shards& s) -> Task<void> {
      co_await r.run();
      s.stop();
    }(run, shards));
  });
  shards.run();
  EXPECT_EQ(make_report(run).total.unreachable, 3u);
}

/// Sends for as long as it is read.
Task<void> send_forever(net::TcpSocket& socket, std::shared_ptr<const Bytes> head) {
  const SteadyTime deadline = Shard::current().now() + seconds(20);
  co_await socket.send(BytesView(*head), deadline);
  const Bytes filler(65'536, std::byte{0});
  while (co_await socket.send(filler, deadline)) co_await yield();
}

TEST_F(RunTest, HasViewersThatReadSlowlyOrNotAtAll) {
  const auto head = flv_stream(clip_, 2);
  const auto report = watch(
      [head](const net::HttpRequest&) -> Task<net::HttpResponse> {
        net::HttpResponse response{.kind = {.content_type = "video/x-flv"}};
        response.takeover = [head](net::TcpSocket& socket) { return send_forever(socket, head); };
        co_return response;
      },
      "/a.flv", {.viewers = 3, .slow = 1, .stalled = 1, .parsed = 0, .slow_rate = 10'000, .window = milliseconds(500)});
  EXPECT_EQ(report.total.viewers, 3u);
  EXPECT_EQ(report.total.ordinary, 1u);
  // What the slow ones got before they had their picture is one read, of 64 KB at most.
  const auto ordinary = report.total.bytes_each.max();
  EXPECT_LT(report.total.bytes - ordinary, 2 * 65'536u + 10'000u);
  EXPECT_GT(ordinary, 1'000'000u);
}

TEST_F(RunTest, PlaysASegmentAfterTheOther) {
  const auto flv = test_flv({.gops = 3, .gop = 10});
  const auto clip = Clip::read(flv).value();
  const auto first = ts_stream(clip, 10);
  const auto report = watch(
      [first](const net::HttpRequest& request) -> Task<net::HttpResponse> {
        net::HttpResponse response;
        if (request.path.ends_with(".m3u8")) {
          response.body = Body::of([] {
            Bytes out;
            ByteWriter(out).text(
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n"
                "#EXTINF:0.400,\n1.ts\n#EXTINF:0.400,\n2.ts\n#EXTINF:0.400,\n3.ts\n#EXT-X-ENDLIST\n");
            return out;
          }());
        } else if (request.path == "/live/2.ts") {
          response = net::HttpResponse::text(404, "gone");
        } else {
          response.body = Body::of(*first);
        }
        co_return response;
      },
      "/live/index.m3u8");
  EXPECT_EQ(report.total.ended, 5u);
  EXPECT_EQ(report.total.http_errors, 5u);
  EXPECT_EQ(report.total.video_frames, 5u * 2 * 10);
  EXPECT_EQ(report.total.repeated, 5u * 10);  // 3.ts has the pictures of 1.ts
}

class RunAndFfprobe : public RunTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(std::system("command -v ffprobe >/dev/null"), 0) << "ffprobe is missing: scripts/install-packages --test";
    std::string name = (std::filesystem::temp_directory_path() / "load_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_EQ(
        std::system((SLUICE_FAKE " --no-pace --frames 50 </dev/null >" + (folder_ / "clip.flv").string()).c_str()), 0);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// How many frames ffprobe decodes of the first video or audio track.
  [[nodiscard]] std::uint64_t frames_by_ffprobe(const std::string& file, const std::string& track) const {
    const std::string command = "ffprobe -v error -count_frames -select_streams " + track +
                                " -show_entries stream=nb_read_frames -of csv=p=0 " + (folder_ / file).string();
    FILE* pipe = popen(command.c_str(), "r");
    std::string text;
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
    EXPECT_EQ(pclose(pipe), 0);
    return std::strtoul(text.c_str(), nullptr, 10);
  }

  std::filesystem::path folder_;
};

TEST_F(RunAndFfprobe, AgreeOnTheFramesOfFiveViewers) {
  const auto real = Clip::read(read_clip(folder_ / "clip.flv").value());
  ASSERT_TRUE(real);
  for (const bool ts : {false, true}) {
    const auto report = ts ? watch(ts_stream(*real, 80), "/a/mpegts", {.record = folder_})
                           : watch(flv_stream(*real, 80), "/a.flv", {.record = folder_});
    ASSERT_EQ(report.parsed.size(), 5u);
    for (int i = 0; i < 5; ++i) {
      const std::string file = "1-" + std::to_string(i + 1) + (ts ? ".ts" : ".flv");
      const auto& viewer = report.parsed[static_cast<std::size_t>(i)];
      EXPECT_EQ(viewer.counts.video_frames, 80u) << file;
      EXPECT_EQ(frames_by_ffprobe(file, "v:0"), viewer.counts.video_frames) << file;
      EXPECT_EQ(frames_by_ffprobe(file, "a:0"), viewer.counts.audio_frames) << file;
    }
  }
}

}  // namespace
}  // namespace sluice::load
