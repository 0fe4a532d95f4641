#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "format/m3u8/playlist.hpp"
#include "net/http.hpp"

namespace sluice::hls {

/// A playlist as it is sent: made once, shared by everybody who asks for it.
struct SharedPlaylist {
  m3u8::Playlist playlist;
  std::string gzip;  ///< of the text without a query; made when first asked for
};

/// What a playlist shows of its stream: equal stamps, equal playlists.
struct Stamp {
  std::uint64_t a = 0;
  std::uint64_t b = 0;

  bool operator==(const Stamp&) const = default;
};

/// The newest playlists of one media on one shard. Bounded: a flood of different selectors makes it forget.
class PlaylistCache {
 public:
  /// The playlist `key` as of `stamp`, or null.
  std::shared_ptr<SharedPlaylist> find(const std::string& key, Stamp stamp) const;
  /// Keeps a playlist in place of an older one.
  std::shared_ptr<SharedPlaylist> put(const std::string& key, Stamp stamp, m3u8::Playlist playlist);

 private:
  static constexpr std::size_t kMost = 64;
  struct Entry {
    Stamp stamp;
    std::shared_ptr<SharedPlaylist> playlist;
  };

  std::map<std::string, Entry> entries_;
};

/// The answer that carries a playlist: with the viewer's query in its holes, or without one the bytes that all share,
/// gzipped for those who take it.
net::HttpResponse playlist_response(std::shared_ptr<SharedPlaylist> shared, const net::HttpRequest& request);

}  // namespace sluice::hls
