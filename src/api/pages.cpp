#include "api/pages.hpp"

#include <algorithm>
#include <array>

#include "api/web_files.hpp"
#include "protocol/http_play.hpp"

namespace sluice::api {
namespace {

using net::HttpResponse;

/// A page runs its own scripts and speaks to its own server, and nothing else (CSP Level 3): text of somebody else's
/// that should come to be taken for markup stays without effect. The blobs are hls.js's: its worker and its buffers.
constexpr std::string_view kPolicy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src "
    "'self'; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'";
/// Nobody else's page holds ours in a frame, and has people press buttons that they do not see. The player is for that.
constexpr std::string_view kNoFrames = "; frame-ancestors 'none'";
constexpr std::string_view kOthers =
    "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\nVary: Accept-Encoding\r\n";

struct Page {
  std::string_view path;
  std::string_view file;
};
constexpr std::array kPages{Page{"/", "/index.html"}, Page{"/admin", "/admin.html"}};

HttpResponse page(const WebFile& file, const std::string& server_info) {
  std::string text(as_text(file.body));
  const auto at = text.find(kServerPlaceholder);
  if (at != std::string::npos) text.replace(at, kServerPlaceholder.size(), server_info);
  HttpResponse response{.kind = {.content_type = file.content_type, .cache_control = "no-cache"}};
  response.headers.append(kPolicy).append(kNoFrames).append(kOthers);
  response.body = Body::of(Bytes(as_bytes(text).begin(), as_bytes(text).end()));
  return response;
}

HttpResponse static_file(const WebFile& file, bool accepts_gzip) {
  HttpResponse response{
      .kind = {.content_type = file.content_type,
               .cache_control = file.immutable() ? "public, max-age=31536000, immutable" : "no-cache"},
      .etag = std::string(file.etag)};
  response.headers.append(kPolicy).append(kOthers);
  response.gzip = accepts_gzip && !file.gzip.empty();
  const auto bytes = response.gzip ? file.gzip : file.body;
  response.body.ranges.push_back({.length = bytes.size(), .memory = bytes.data()});
  return response;
}

const WebFile* find_static(std::string_view path) {
  if (protocol::name_before(path, "/embed.html")) return find_web_file("/embed.html");
  const bool is_file = path.starts_with("/assets/") || path == "/licenses.txt";
  return is_file ? find_web_file(path) : nullptr;
}

}  // namespace

bool is_told(std::string_view path) { return std::ranges::find(kPages, path, &Page::path) != kPages.end(); }

std::optional<HttpResponse> page_answer(const net::HttpRequest& request,
                                        const std::function<std::string()>& server_info) {
  const auto found = std::ranges::find(kPages, std::string_view(request.path), &Page::path);
  if (found != kPages.end() && server_info) {
    if (const WebFile* file = find_web_file(found->file)) return page(*file, server_info());
  }
  const WebFile* file = find_static(request.path);
  if (file == nullptr) return std::nullopt;
  return static_file(*file, request.accepts_gzip);
}

}  // namespace sluice::api
