#include "app/router.hpp"

#include <fmt/format.h>

#include <array>

#include "api/media_info.hpp"
#include "api/server_info.hpp"
#include "api/streams.hpp"
#include "api/web_files.hpp"
#include "app/version.hpp"
#include "protocol/flv/play.hpp"
#include "protocol/hls/play.hpp"
#include "protocol/http_play.hpp"
#include "protocol/tshttp/play.hpp"

namespace sluice::app {
namespace {

using net::HttpResponse;

constexpr std::array kPlayProtocols{&hls::kPlay, &tshttp::kPlay, &flvhttp::kPlay, &api::kMediaInfo};

constexpr net::AnswerKind kJson{.content_type = "application/json", .cache_control = "no-cache"};

HttpResponse json(std::string_view text) {
  HttpResponse response{.kind = kJson};
  response.body = Body::of(Bytes(as_bytes(text).begin(), as_bytes(text).end()));
  return response;
}

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

/// The part of an API path behind its base, or nothing: both bases mean the same.
std::optional<std::string_view> api_path(std::string_view path) {
  for (const std::string_view base : {"/streamer/api/v3/", "/flussonic/api/v3/"}) {
    if (path.starts_with(base)) return path.substr(base.size());
  }
  return {};
}

}  // namespace

std::span<const protocol::HttpPlayProtocol* const> play_protocols() { return kPlayProtocols; }

Router::Router(std::span<const std::unique_ptr<ShardServices>> all, std::size_t own, Options options)
    : all_(all),
      own_(*all[own]),
      options_(options),
      index_(index_page(api::server_info(options.rtmp_port, kVersion, own_.registry.plan()))) {}

Task<HttpResponse> Router::answer(const net::HttpRequest& request) {
  if (request.method == "OPTIONS") {
    HttpResponse preflight{.status = 204};
    preflight.headers =
        "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Headers: *\r\n"
        "Access-Control-Max-Age: 86400\r\n";
    co_return preflight;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refused = HttpResponse::text(405, "this server answers GET and HEAD here\n");
    refused.headers = "Allow: GET, HEAD, OPTIONS\r\n";
    co_return refused;
  }
  if (options_.api) {
    if (const auto path = api_path(request.path)) co_return co_await answer_api(*path);
  }
  if (auto found = page(request)) co_return std::move(*found);
  co_return co_await play(request);
}

// --- pages and API ------------------------------------------------------------------------------------------------

std::optional<HttpResponse> Router::page(const net::HttpRequest& request) const {
  if (request.path == "/" && options_.api) {
    HttpResponse response{.kind = {.content_type = "text/html; charset=utf-8", .cache_control = "no-cache"}};
    response.body.ranges.push_back(
        {.length = index_.size(), .memory = reinterpret_cast<const std::byte*>(index_.data())});
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

Task<HttpResponse> Router::answer_api(std::string_view path) {
  if (path == "streams") co_return co_await streams();
  if (path == "monitoring/liveness") co_return monitoring(false);
  if (path == "monitoring/readiness") co_return monitoring(true);
  HttpResponse missing = json(R"({"error":"not_found"})");
  missing.status = 404;
  co_return missing;
}

HttpResponse Router::monitoring(bool readiness) const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const auto started = std::chrono::duration_cast<std::chrono::seconds>(options_.started_at.time_since_epoch()).count();
  return json(
      readiness ? fmt::format(R"({{"now":{},"build":0,"server_version":"{}","started_at":{}}})", ms, kVersion, started)
                : fmt::format(R"({{"now":{},"build":0,"server_version":"{}"}})", ms, kVersion));
}

Task<HttpResponse> Router::streams() {
  const auto list = co_await own_.registry.status();
  std::vector<access::Audiences> audiences;
  for (const auto& services : all_) {
    audiences.push_back(
        co_await call_on(services->shard, [&services] { return services->sessions.audiences(services->shard.now()); }));
  }
  co_return json(api::streams_json(list, access::count_viewers(audiences)));
}

// --- media --------------------------------------------------------------------------------------------------------

Task<HttpResponse> Router::play(const net::HttpRequest& request) {
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
                                   .user_agent = request.user_agent};
    const auto session =
        row->lasts ? own_.sessions.admit_connection(who) : own_.sessions.admit_request(who, own_.shard.now());
    if (!session) co_return HttpResponse::text(403, session.error().message() + "\n");
    const auto rest = path.substr(std::min(path.size(), *length + 1));
    HttpResponse response = co_await row->play(
        {.request = request, .name = name, .rest = rest, .media = std::move(*media), .session = *session});
    if (response.status < 400) (*session)->served_at = own_.shard.now();
    co_return response;
  }
  co_return HttpResponse::text(404, "there is nothing at this address\n");
}

}  // namespace sluice::app
