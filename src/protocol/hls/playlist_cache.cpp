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

std::shared_ptr<SharedPlaylist> PlaylistCache::find(const std::string& key, Stamp stamp) const {
  const auto found = entries_.find(key);
  return found == entries_.end() || found->second.stamp != stamp ? nullptr : found->second.playlist;
}

std::shared_ptr<SharedPlaylist> PlaylistCache::put(const std::string& key, Stamp stamp, m3u8::Playlist playlist) {
  if (entries_.size() >= kMost && !entries_.contains(key)) entries_.clear();
  auto shared = std::make_shared<SharedPlaylist>(std::move(playlist));
  entries_[key] = {.stamp = stamp, .playlist = shared};
  return shared;
}

net::HttpResponse playlist_response(std::shared_ptr<SharedPlaylist> shared, const net::HttpRequest& request) {
  net::HttpResponse response{.kind = kAnswer};
  const auto carry = [&](auto owner, const std::string& text) {
    response.body.ranges.push_back({.length = text.size(), .memory = as_bytes(text).data()});
    response.body.lease = std::move(owner);
  };
  if (const std::string query = m3u8::inherited_query(request.query); !query.empty()) {
    // One copy of a few KB costs less than a system call with a hundred slices.
    const auto text = std::make_shared<const std::string>(m3u8::render(shared->playlist, query));
    carry(text, *text);
    return response;
  }
  response.headers = "Vary: Accept-Encoding\r\n";
  if (request.accepts_gzip && shared->playlist.text.size() >= kWorthGzip) {
    if (shared->gzip.empty()) shared->gzip = gzip(shared->playlist.text);
    response.gzip = !shared->gzip.empty();
  }
  carry(shared, response.gzip ? shared->gzip : shared->playlist.text);
  return response;
}

}  // namespace sluice::hls
