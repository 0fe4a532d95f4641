#include "app/router.hpp"

#include <array>
#include <functional>
#include <memory>

#include "api/media_info.hpp"
#include "api/pages.hpp"
#include "api/server_info.hpp"
#include "app/version.hpp"
#include "core/log.hpp"
#include "protocol/flv/play.hpp"
#include "protocol/hls/play.hpp"
#include "protocol/http_play.hpp"
#include "protocol/tshttp/play.hpp"

namespace sluice::app {
namespace {

using net::HttpResponse;

constexpr std::array kPlayProtocols{&hls::kPlay, &tshttp::kPlay, &flvhttp::kPlay, &api::kMediaInfo};

}  // namespace

std::span<const protocol::HttpPlayProtocol* const> play_protocols() { return kPlayProtocols; }

Task<HttpResponse> Router::answer(const net::HttpRequest& request) {
  if (!log::wants_requests()) co_return co_await find(request, nullptr);
  auto line = std::make_unique<AccessLine>(request, own_.shard.now());
  auto response = co_await find(request, line.get());
  AccessLine::write_after(response, std::move(line));
  co_return response;
}

Task<HttpResponse> Router::find(const net::HttpRequest& request, AccessLine* line) {
  if (api_ != nullptr) {
    if (const auto path = api::Api::endpoint_path(request.path)) co_return co_await api_->answer(request, *path);
  }
  if (request.method == "OPTIONS") co_return api::preflight("GET, HEAD, OPTIONS");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refused = HttpResponse::text(405, "this server answers GET and HEAD here\n");
    refused.headers = "Allow: GET, HEAD, OPTIONS\r\n";
    co_return refused;
  }
  const bool is_told = api_ != nullptr && api::is_told(request.path);
  const bool login = is_told && co_await api_->rights_of(request) == access::Rights::none;
  const auto server_info = [this, login] {
    return api::server_info(rtmp_port_, kVersion, login, own_.registry.plan());
  };
  auto page = api::page_answer(request, api_ != nullptr ? std::function<std::string()>(server_info) : nullptr);
  if (page) co_return *std::move(page);
  co_return co_await play(request, line);
}

Task<HttpResponse> Router::play(const net::HttpRequest& request, AccessLine* line) {
  const std::string_view path = std::string_view(request.path).substr(1);
  for (const protocol::HttpPlayProtocol* row : play_protocols()) {
    const auto length = row->match(path);
    if (!length) continue;
    const auto name = path.substr(0, *length);
    auto media = co_await own_.registry.resolve(std::string(name));
    if (!media) co_return protocol::refusal(media.error());
    const std::string token = request.query_value("token").value_or("");
    const access::AdmitRequest who{.type = row->type,
                                   .name = name,
                                   .proto = row->proto,
                                   .ip = request.peer,
                                   .token = token,
                                   .user_agent = request.user_agent,
                                   .referer = request.referer,
                                   .query_string = request.query};
    const auto session =
        row->lasts ? own_.sessions.admit_connection(who) : own_.sessions.admit_request(who, own_.shard.now());
    if (!session) co_return HttpResponse::text(403, session.error().message() + "\n");
    if (line != nullptr) line->set_session(*session);
    const auto rest = path.substr(std::min(path.size(), *length + 1));
    HttpResponse response = co_await row->play(
        {.request = request, .name = name, .rest = rest, .media = std::move(*media), .session = *session});
    if (response.status < 400) (*session)->served_at = own_.shard.now();
    co_return response;
  }
  co_return HttpResponse::text(404, "there is nothing at this address\n");
}

}  // namespace sluice::app
