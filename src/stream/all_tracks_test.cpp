#include <gtest/gtest.h>

#include "format/flv/writer.hpp"
#include "format/mp4/fragment.hpp"
#include "format/mp4/init.hpp"
#include "stream/test_all_tracks.hpp"

// That all tracks come through the stream's own rooms. How the protocols show them: app/all_tracks_test.cpp.
namespace sluice::stream {
namespace {

using test::kSecond;

class AllTracks : public test::AllTracksTest {};

Bytes bytes_of(const Segment& segment, std::uint32_t track) {
  Bytes out;
  for (const Range& range : segment.body(std::span(&track, 1)).ranges) {
    out.insert(out.end(), range.view().begin(), range.view().end());
  }
  return out;
}

TEST_F(AllTracks, AreListedAndStored) {
  run([&](test::Server&, test::Everything& source, std::shared_ptr<Media> media) -> Task<void> {
    const media::Tracks& tracks = tracks_;
    source.send(kSecond, 10 * kSecond);
    const auto listing = co_await test::listed(media->window(), 5);
    EXPECT_EQ(selector(listing->run()->tracks, View{}.select(tracks)), "v1v2v3a1a2a3t1d1");
    const Segment& segment = **std::ranges::find_if(listing->segments, &Segment::complete);
    const auto frames = test::all_frames(tracks, Ticks(0), 10 * kSecond);
    for (std::uint32_t i = 0; i < tracks.size(); ++i) {
      SCOPED_TRACE(tracks[i].id);
      EXPECT_FALSE(segment.tracks[i].parts.empty());
      const Bytes bytes = bytes_of(segment, i);
      for (BytesView rest = bytes; !rest.empty();) {
        const auto fragment = mp4::read_fragment(rest);
        EXPECT_TRUE(fragment);
        if (!fragment) break;
        for (const auto& found : fragment->samples) {
          const auto sent = std::ranges::find_if(frames, [&](const media::Frame& frame) {
            return frame.track == i && to_rate(frame.dts, tracks[i].timescale()) == found.decode_time;
          });
          EXPECT_NE(sent, frames.end()) << found.decode_time;
          if (sent == frames.end()) continue;
          if (tracks[i].content() == media::Content::text) {
            EXPECT_NE(as_text(found.payload).find(as_text(sent->payload.view())), std::string_view::npos);
          } else {
            EXPECT_TRUE(std::ranges::equal(found.payload, sent->payload.view()));
          }
        }
        rest = rest.subspan(fragment->size);
      }
    }
  });
}

TEST_F(AllTracks, HaveAnInit) {
  for (const media::Track& track : tracks_) {
    SCOPED_TRACE(track.id);
    const mp4::InitTrack one{.track_id = 1, .track = track};
    const auto init = mp4::read_init(mp4::write_init(std::span(&one, 1)));
    ASSERT_TRUE(init);
    ASSERT_EQ(init->tracks.size(), 1u);
    EXPECT_EQ(init->tracks[0].codec, track.codec);
    EXPECT_EQ(init->tracks[0].language, track.language);
    EXPECT_EQ(init->tracks[0].timescale, track.timescale());
    if (track.content() != media::Content::text)
      EXPECT_TRUE(std::ranges::equal(init->tracks[0].config, track.config.view()));
  }
}

TEST_F(AllTracks, EventsNeitherCutNorHoldUpSegments) {
  // The same pictures and sounds, with events in bursts, late, and in none but one segment.
  const auto segments_of = [&](const std::function<std::vector<media::Frame>(Ticks, Ticks)>& events) {
    std::vector<std::string> out;
    run([&](test::Server&, test::Everything& source, std::shared_ptr<Media> media) -> Task<void> {
      for (Ticks at = kSecond; at < 10 * kSecond; at += kSecond)
        source.send(at, at + kSecond, events(at, at + kSecond));
      const auto listing = co_await test::listed(media->window(), 5);
      for (const auto& segment : listing->segments) {
        if (!segment->complete) continue;
        std::string one = std::to_string(segment->dts.count()) + "+" + std::to_string(segment->duration.count());
        for (std::uint32_t i = 0; i + 1 < segment->tracks.size(); ++i) {
          one += " " + std::to_string(segment->tracks[i].dts().count()) + ":" +
                 std::to_string(segment->tracks[i].parts.size());
        }
        out.push_back(std::move(one));
      }
    });
    return out;
  };
  const auto events = static_cast<std::uint32_t>(tracks_.size() - 1);
  const auto event = [&](Ticks at) {
    return media::Frame{.track = events, .dts = at, .pts = at, .payload = Payload::copy(as_bytes("an event"))};
  };
  const auto with_none = segments_of([](Ticks, Ticks) { return std::vector<media::Frame>(); });
  ASSERT_GE(with_none.size(), 5u);
  EXPECT_EQ(segments_of([&](Ticks from, Ticks to) {
              std::vector<media::Frame> burst;
              for (Ticks at = from; at < to; at += Ticks(900)) burst.push_back(event(at));
              return burst;
            }),
            with_none);
  EXPECT_EQ(segments_of([&](Ticks from, Ticks) { return std::vector{event(from - kSecond / 2)}; }), with_none);
  EXPECT_EQ(segments_of([&](Ticks from, Ticks to) {
              return from == 3 * kSecond ? std::vector{event(to - Ticks(1))} : std::vector<media::Frame>();
            }),
            with_none);
}

TEST_F(AllTracks, AreLeftOutWhereAFormHasNoRowForThem) {
  EXPECT_FALSE(flv::carries(*media::find_codec("zap")));
  EXPECT_FALSE(mpegts::carries(*media::find_codec("webvtt")));
}

}  // namespace
}  // namespace sluice::stream
