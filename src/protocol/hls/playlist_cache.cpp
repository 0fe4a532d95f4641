#include "protocol/hls/playlist_cache.hpp"

#include <zlib.h>

namespace sluice::hls {
namespace {

constexpr std::size_t kWorthGzip = 1024;
constexpr int kGzipWindow = 15 + 16;  // zlib's way of asking for the gzip format

constexpr net::AnswerKind kAnswer{.content_type = m3u8::kMediaType, .cache_control = "no-cache"};

std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int rc = deflate(&stream, Z_FINISH);
  out.resize(rc == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::shared_ptr<RenderedPlaylist> PlaylistCache::get(std::uint64_t generation, const std::string& key,
                                                     const std::function<m3u8::Playlist()>& make) {
  if (generation_ != generation || playlists_.size() >= kMost) playlists_.clear();
  generation_ = generation;
  auto& slot = playlists_[key];
  if (slot == nullptr) {
    slot = std::make_shared<RenderedPlaylist>();
    slot->playlist = make();
  }
  return slot;
}

net::HttpResponse playlist_response(std::shared_ptr<RenderedPlaylist> rendered, const net::HttpRequest& request) {
  net::HttpResponse response{.kind = kAnswer};
  const std::string query = m3u8::inherited_query(request.query);
  if (!query.empty()) {
    const std::string text = m3u8::render(rendered->playlist, query);
    response.body = Body::of(Bytes(as_bytes(text).begin(), as_bytes(text).end()));
    return response;
  }
  response.headers = "Vary: Accept-Encoding\r\n";
  if (request.accepts_gzip && rendered->playlist.text.size() >= kWorthGzip) {
    if (rendered->gzip.empty()) rendered->gzip = gzip(rendered->playlist.text);
    response.gzip = !rendered->gzip.empty();
  }
  const std::string& text = response.gzip ? rendered->gzip : rendered->playlist.text;
  response.body.ranges.push_back({.length = text.size(), .memory = reinterpret_cast<const std::byte*>(text.data())});
  response.body.lease = std::move(rendered);
  return response;
}

}  // namespace sluice::hls
