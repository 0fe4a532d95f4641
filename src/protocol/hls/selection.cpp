#include "protocol/hls/selection.hpp"

#include <algorithm>

#include "format/mp4/init.hpp"
#include "format/mpegts/codecs.hpp"

namespace sluice::hls {
namespace {

using media::Content;

/// HEVC and what came after it play from MPEG-TS on few devices: Apple's authoring rules want them in CMAF.
bool belongs_in_ts(const media::Track& track) {
  return mpegts::carries(*track.codec) && track.codec->name != "hevc" && track.codec->name != "av1";
}

}  // namespace

bool is_text(const media::Track& track) { return track.content() == Content::text; }

std::vector<std::uint32_t> carried(const media::Tracks& tracks, const stream::View& view, Container container) {
  auto out = view.select(tracks);
  std::erase_if(out, [&](std::uint32_t i) {
    const media::Track& track = tracks[i];
    // Whatever goes out is read from the store, which is CMAF.
    if (!mp4::carries(*track.codec)) return true;
    if (container == Container::ts) return !is_text(track) && !mpegts::carries(*track.codec);
    // A player of CMAF takes events from boxes in other tracks, never from a track of their own.
    return track.content() == Content::data;
  });
  return out;
}

Container resolve(Container container, const media::Tracks& tracks, const stream::View& view) {
  if (container != Container::automatic) return container;
  const auto ts = std::ranges::all_of(view.select(tracks), [&](std::uint32_t i) {
    return tracks[i].content() != Content::video || !mp4::carries(*tracks[i].codec) || belongs_in_ts(tracks[i]);
  });
  return ts ? Container::ts : Container::cmaf;
}

std::vector<std::uint32_t> together(const media::Tracks& tracks, const stream::View& view, Container container,
                                    Together rule) {
  std::vector<std::uint32_t> out;
  std::vector<std::uint32_t> texts;
  std::vector<std::uint32_t> events;
  const auto has = [&](Content content) {
    return std::ranges::any_of(out, [&](std::uint32_t i) { return tracks[i].content() == content; });
  };
  for (const auto i : carried(tracks, view, container)) {
    const Content content = tracks[i].content();
    const bool further =
        rule == Together::as_named || (rule == Together::all_audio && content == Content::audio) || !has(content);
    if (content == Content::text) {
      texts.push_back(i);
    } else if (content == Content::data) {
      events.push_back(i);
    } else if (further) {
      out.push_back(i);
    }
  }
  if (!out.empty()) out.insert(out.end(), events.begin(), events.end());
  if (out.empty() && rule == Together::as_named && !texts.empty()) out.push_back(texts.front());
  return out;
}

}  // namespace sluice::hls
