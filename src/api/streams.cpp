#include "api/streams.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/json_tracks.hpp"

namespace sluice::api {
namespace {

using std::chrono::seconds;

constexpr auto kAlive = seconds(12);

boost::json::object stats_json(const stream::StreamStatus& stream, std::size_t viewers) {
  const bool alive = stream.running && stream.since_frame < kAlive;
  boost::json::object stats{{"status", stream.running ? "running" : "waiting"},
                            {"alive", alive},
                            {"bitrate", stream.running ? stream.bitrate / 1000 : 0},
                            {"input_bitrate", stream.running ? stream.bitrate / 1000 : 0},
                            {"bytes_in", stream.bytes_in},
                            {"frames_in", stream.frames_in},
                            {"online_clients", viewers},
                            {"client_count", viewers},
                            {"lifetime", stream.lifetime.count()},
                            {"ts_delay", stream.since_frame.count()},
                            {"retry_count", stream.retry_count},
                            {"held_bytes", stream.held_bytes},
                            {"pinned_bytes", stream.pinned_bytes},
                            {"viewers_skipped", stream.viewers_skipped},
                            {"viewers_cut", stream.viewers_cut}};
  if (!stream.source.empty()) stats["url"] = stream.source;
  if (!stream.tracks.empty()) {
    stats["media_info"] = boost::json::object{{"flow_type", "stream"}, {"tracks", tracks_json(stream.tracks)}};
  }
  return stats;
}

}  // namespace

std::string streams_json(const std::vector<stream::StreamStatus>& streams,
                         const std::map<std::string, std::size_t>& viewers) {
  boost::json::array list;
  for (const stream::StreamStatus& stream : streams) {
    const auto count = viewers.find(stream.name);
    boost::json::object item{{"name", stream.name},
                             {"named_by", stream.published ? "user" : "config"},
                             {"static", stream.is_static},
                             {"stats", stats_json(stream, count == viewers.end() ? 0 : count->second)}};
    if (!stream.title.empty()) item["title"] = stream.title;
    list.push_back(std::move(item));
  }
  const auto count = list.size();
  return boost::json::serialize(boost::json::object{{"streams", std::move(list)}, {"estimated_count", count}});
}

}  // namespace sluice::api
