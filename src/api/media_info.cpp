#include "api/media_info.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/json_tracks.hpp"
#include "stream/errc.hpp"

namespace sluice::api {
namespace {

Task<net::HttpResponse> play(protocol::HttpPlay play) {
  const auto listing = co_await play.media->window()->listing();
  const auto run = listing->run();
  if (run == nullptr) co_return protocol::refusal(stream::Errc::not_running);
  boost::json::object info{{"flow_type", listing->live ? "stream" : "file"}, {"tracks", tracks_json(run->tracks)}};
  const stream::StreamConfig& config = play.media->config();
  if (!config.title.empty()) info["title"] = config.title;
  if (!config.provider.empty()) info["provider"] = config.provider;
  net::HttpResponse response{.kind = {.content_type = "application/json", .cache_control = "no-cache"}};
  const std::string text = boost::json::serialize(info);
  response.body = Body::of(Bytes(as_bytes(text).begin(), as_bytes(text).end()));
  co_return response;
}

}  // namespace

const protocol::HttpPlayProtocol kMediaInfo{
    .proto = "api",
    .lasts = false,
    .type = access::SessionType::api,
    .match =
        [](std::string_view path) {
          const auto length = protocol::name_before(path, "/media_info.json");
          return length ? length : protocol::name_before(path, "/info.json");
        },
    .play = play,
};

}  // namespace sluice::api
