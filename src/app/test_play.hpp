#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/sessions.hpp"
#include "app/router.hpp"
#include "format/flv/file_reader.hpp"
#include "format/flv/frame_reader.hpp"
#include "format/m3u8/reader.hpp"
#include "format/mp4/fragment.hpp"
#include "format/mp4/init.hpp"
#include "format/mpegts/options.hpp"
#include "format/mpegts/sample_media.hpp"
#include "stream/test_flow.hpp"

/// Players of any media, through the URL forms that the server has: they take apart again what they get.
namespace sluice::app::test {

/// The bytes of a body, wherever they lie.
inline Bytes bytes_of(const Body& body) {
  Bytes out;
  for (const Range& range : body.ranges) {
    const auto at = out.size();
    out.resize(at + range.length);
    if (range.memory != nullptr) {
      std::ranges::copy(range.view(), out.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      const auto n = ::pread(range.fd, out.data() + at, range.length, static_cast<off_t>(range.offset));
      EXPECT_EQ(n, static_cast<ssize_t>(range.length));
    }
  }
  return out;
}

/// What a player made of one track or of several: their parameters, and the frames with the stamps of the stream.
struct Played {
  media::Tracks tracks;
  std::vector<media::Frame> frames;  ///< Frame::track counts in `tracks`

  [[nodiscard]] std::vector<media::Frame> of(std::uint32_t track) const {
    std::vector<media::Frame> out;
    std::ranges::copy_if(frames, std::back_inserter(out), [&](const media::Frame& f) { return f.track == track; });
    return out;
  }
};

inline Played read_ts(BytesView bytes) {
  auto found = mpegts::sample::demux(bytes);
  EXPECT_EQ(found.counters.bad_sections + found.counters.bad_frames + found.counters.continuity_errors, 0u);
  for (media::Frame& frame : found.frames) {
    frame.dts -= mpegts::kDecodeDelay;
    frame.pts -= mpegts::kDecodeDelay;
  }
  return {.tracks = std::move(found.tracks), .frames = std::move(found.frames)};
}

inline Played read_flv(BytesView bytes) {
  Played out;
  flv::FileReader file;
  flv::FrameReader reader;
  while (auto message = file.next(bytes)) {
    if (!*message) return out;
    auto read = reader.read(**message, SteadyTime{});
    EXPECT_TRUE(read);
    if (!read) return out;
    if (read->tracks) out.tracks = std::move(*read->tracks);
    if (read->frame) out.frames.push_back(std::move(*read->frame));
  }
  ADD_FAILURE() << "not FLV";
  return out;
}

/// The fragments of one init.
inline Played read_cmaf(BytesView init, BytesView fragments) {
  Played out;
  const auto header = mp4::read_init(init);
  EXPECT_TRUE(header);
  if (!header) return out;
  for (const mp4::TrackInfo& info : header->tracks) {
    EXPECT_NE(info.codec, nullptr);
    out.tracks.push_back({.codec = info.codec, .config = Payload::copy(info.config), .language = info.language});
  }
  for (BytesView rest = fragments; !rest.empty();) {
    const auto fragment = mp4::read_fragment(rest);
    EXPECT_TRUE(fragment);
    if (!fragment) return out;
    const auto info = std::ranges::find(header->tracks, fragment->track_id, &mp4::TrackInfo::id);
    EXPECT_NE(info, header->tracks.end());
    if (info == header->tracks.end()) return out;
    for (const mp4::ReadSample& sample : fragment->samples) {
      media::Frame frame{.track = static_cast<std::uint32_t>(info - header->tracks.begin())};
      frame.dts = from_rate(sample.decode_time, info->timescale);
      frame.pts = from_rate(sample.decode_time + sample.sample.composition_offset, info->timescale);
      frame.payload = Payload::copy(sample.payload);
      frame.random_access = sample.sample.sync;
      out.frames.push_back(std::move(frame));
    }
    rest = rest.subspan(fragment->size);
  }
  return out;
}

/// Asks for a media as the router does for a viewer, once the name is resolved and he is admitted.
class Client {
 public:
  explicit Client(std::shared_ptr<stream::Media> media) : media_(std::move(media)) {}

  /// `rest`: of the path, behind the media's name.
  Task<net::HttpResponse> get(std::string rest) {
    const net::HttpRequest request{.method = "GET", .path = "/" + media_->name() + "/" + rest};
    const auto path = std::string_view(request.path).substr(1);
    for (const protocol::HttpPlayProtocol* row : play_protocols()) {
      const auto length = row->match(path);
      if (!length) continue;
      EXPECT_EQ(path.substr(0, *length), media_->name());
      co_return co_await row->play({.request = request,
                                    .name = path.substr(0, *length),
                                    .rest = path.substr(*length + 1),
                                    .media = media_,
                                    .session = session});
    }
    co_return net::HttpResponse::text(404, "");
  }
  Task<Bytes> bytes(std::string rest) {
    const auto response = co_await get(rest);
    EXPECT_EQ(response.status, 200u) << rest;
    co_return bytes_of(response.body);
  }
  Task<m3u8::MasterPlaylist> master(std::string rest) {
    const auto read = m3u8::read_master(as_text(co_await bytes(rest)));
    EXPECT_TRUE(read) << rest;
    co_return read ? *read : m3u8::MasterPlaylist{};
  }
  Task<m3u8::MediaPlaylist> playlist(std::string rest) {
    const auto read = m3u8::read_media(as_text(co_await bytes(rest)));
    EXPECT_TRUE(read) << rest;
    co_return read ? read->playlist : m3u8::MediaPlaylist{};
  }

  /// Everything that a playlist lists, one behind the other: of parts where `parts`, else of whole segments.
  Task<Bytes> media(std::string playlist_uri, bool parts = false) {
    Bytes out;
    const auto list = co_await playlist(playlist_uri);
    EXPECT_FALSE(list.segments.empty());
    std::vector<std::string> uris;
    const auto add_parts = [&](const m3u8::Segment& segment) {
      for (const m3u8::Part& part : segment.parts) uris.push_back(part.uri);
    };
    for (const m3u8::Segment& segment : list.segments) {
      EXPECT_FALSE(segment.gap) << segment.uri;
      if (parts) {
        add_parts(segment);
      } else {
        uris.push_back(segment.uri);
      }
    }
    if (parts && list.open) add_parts(*list.open);
    for (const std::string& uri : uris) {
      const Bytes some = co_await bytes(beside(playlist_uri, uri));
      out.insert(out.end(), some.begin(), some.end());
    }
    co_return out;
  }
  /// The init of a playlist that has but one.
  Task<Bytes> init(std::string playlist_uri) {
    const auto list = co_await playlist(playlist_uri);
    for (const m3u8::Segment& segment : list.segments) EXPECT_EQ(segment.map_uri, list.segments[0].map_uri);
    co_return co_await bytes(beside(playlist_uri, list.segments.at(0).map_uri));
  }
  /// What a playlist of CMAF lists.
  Task<Played> cmaf(std::string playlist_uri, bool parts = false) {
    const Bytes header = co_await init(playlist_uri);
    const Bytes fragments = co_await media(playlist_uri, parts);
    co_return read_cmaf(header, fragments);
  }

  /// Plays an endless form; the viewer reads what comes. `viewer` outlives this.
  Task<void> play(std::string rest, stream::test::Viewer& viewer) {
    auto response = co_await get(rest);
    EXPECT_EQ(response.status, 200u) << rest;
    EXPECT_TRUE(response.takeover) << rest;
    if (response.takeover) players_.spawn(take_over(std::move(response.takeover), viewer));
  }

  /// What a URI in a playlist means.
  static std::string beside(const std::string& playlist_uri, const std::string& uri) {
    return m3u8::resolve_uri("/" + playlist_uri, uri).substr(1);
  }

  access::Sessions sessions;
  std::shared_ptr<access::Session> session = *sessions.admit_connection({});

 private:
  static Task<void> take_over(net::HttpResponse::Takeover takeover, stream::test::Viewer& viewer) {
    co_await takeover(*viewer.socket);
  }

  std::shared_ptr<stream::Media> media_;
  TaskScope players_;
};

/// The frames that a player found of a track are those that were sent of it, one after the other, none missing; their
/// stamps may be off by half of `precision`.
inline void expect_sent(const std::vector<media::Frame>& found, const std::vector<media::Frame>& sent,
                        std::uint32_t track, Ticks precision = Ticks(0)) {
  const auto alike = [&](Ticks a, Ticks b) { return std::chrono::abs(a - b) * 2 <= precision; };
  ASSERT_FALSE(found.empty());
  ASSERT_GE(found.back().dts - found.front().dts, 2 * stream::test::kSecond);
  auto next = std::ranges::find_if(
      sent, [&](const media::Frame& f) { return f.track == track && alike(f.dts, found.front().dts); });
  for (const media::Frame& frame : found) {
    while (next != sent.end() && next->track != track) ++next;
    ASSERT_NE(next, sent.end()) << "none was sent at " << frame.dts.count();
    ASSERT_TRUE(alike(frame.dts, next->dts)) << frame.dts.count() << ' ' << next->dts.count();
    ASSERT_TRUE(alike(frame.pts, next->pts)) << frame.pts.count() << ' ' << next->pts.count();
    ASSERT_EQ(frame.random_access, next->random_access);
    ASSERT_TRUE(std::ranges::equal(frame.payload.view(), next->payload.view())) << frame.dts.count();
    ++next;
  }
}

}  // namespace sluice::app::test
