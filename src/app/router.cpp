#include "app/router.hpp"

#include <array>
#include <memory>

#include "api/media_info.hpp"
#include "api/server_info.hpp"
#include "api/web_files.hpp"
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

std::string index_page(const std::string& server_info) {
  const api::WebFile* file = api::find_web_file("/index.html");
  if (file == nullptr) return {};
  std::string text(as_text(file->body));
  const auto at = text.find(api::kServerPlaceholder);
  if (at != std::string::npos) text.replace(at, api::kServerPlaceholder.size(), server_info);
  return text;
}

HttpResponse web_file(const api::WebFile& file, bool accepts_gzip) {
  HttpResponse response{
      .kind = {.content_type = file.content_type,
               .cache_control = file.immutable() ? "public, max-age=31536000, immutable" : "no-cache"},
      .headers = "Vary: Accept-Encoding\r\n",
      .etag = std::string(file.etag)};
  response.gzip = accepts_gzip && !file.gzip.empty();
  const auto bytes = response.gzip ? file.gzip : file.body;
  response.body.ranges.push_back({.length = bytes.size(), .memory = bytes.data()});
  return response;
}

}  // namespace

std::span<const protocol::HttpPlayProtocol* const> play_protocols() { return kPlayProtocols; }

void Router::renew(std::uint16_t rtmp_port) {
  index_ = std::make_shared<const std::string>(index_page(api::server_info(rtmp_port, kVersion, own_.registry.plan())));
}

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
  if (auto found = page(request)) co_return std::move(*found);
  co_return co_await play(request, line);
}

// --- pages ------------------------------------------------------------------------------------------------------

std::optional<HttpResponse> Router::page(const net::HttpRequest& request) const {
  if (request.path == "/" && api_ != nullptr) {
    HttpResponse response{.kind = {.content_type = "text/html; charset=utf-8", .cache_control = "no-cache"}};
    response.body.ranges.push_back(
        {.length = index_->size(), .memory = reinterpret_cast<const std::byte*>(index_->data())});
    response.body.lease = index_;
    return response;
  }
  const bool embed = protocol::name_before(request.path, "/embed.html").has_value();
  const api::WebFile* file = embed ? api::find_web_file("/embed.html")
                             : request.path.starts_with("/assets/") || request.path == "/licenses.txt"
                                 ? api::find_web_file(request.path)
                                 : nullptr;
  if (file == nullptr) return {};
  return web_file(*file, request.accepts_gzip);
}

// --- media --------------------------------------------------------------------------------------------------------

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
