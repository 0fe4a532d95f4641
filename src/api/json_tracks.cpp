#include "api/json_tracks.hpp"

#include <boost/json/object.hpp>
#include <cmath>

namespace sluice::api {
namespace {

boost::json::string json(std::string_view text) { return boost::json::string(text.data(), text.size()); }

boost::json::object track_json(const media::Track& track) {
  const media::CodecDetails& details = track.details;
  boost::json::object out{{"track_id", json(track.id)},
                          {"content", json(media::to_string(track.content()))},
                          {"codec", json(track.codec->name)}};
  if (track.bitrate != 0) out["bitrate"] = track.bitrate / 1000;
  if (!track.language.empty()) out["language"] = json(track.language);
  if (!track.title.empty()) out["title"] = json(track.title);
  if (!details.profile.empty()) out["profile"] = json(details.profile);
  if (!details.level.empty()) out["level"] = json(details.level);
  if (track.content() == media::Content::video) {
    out["width"] = details.width;
    out["height"] = details.height;
    out["pixel_width"] = details.pixel_width;
    out["pixel_height"] = details.pixel_height;
    out["sar_width"] = details.sar_width;
    out["sar_height"] = details.sar_height;
    if (details.fps > 0) out["fps"] = std::round(details.fps * 1000) / 1000;
    out["num_refs_frames"] = details.num_ref_frames;
    out["is_progressive"] = details.progressive;
    out["length_size"] = 4;
  } else if (track.content() == media::Content::audio) {
    out["sample_rate"] = details.sample_rate;
    out["channels"] = details.channels;
  }
  return out;
}

}  // namespace

boost::json::array tracks_json(const media::Tracks& tracks) {
  boost::json::array out;
  for (const media::Track& track : tracks) out.push_back(track_json(track));
  return out;
}

}  // namespace sluice::api
