#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "format/m3u8/playlist.hpp"
#include "net/http.hpp"

namespace sluice::hls {

/// A playlist as it is sent: made once, shared by everybody who asks for it.
struct RenderedPlaylist {
  m3u8::Playlist playlist;
  std::string gzip;  ///< of the text without query; made when first asked for
};

/// The playlists of one media on one shard, as of its newest listing. Bounded: a change forgets all, and so does a
/// flood of different selectors.
class PlaylistCache {
 public:
  /// The playlist `key` at `generation`, made by `make` if it is not there.
  std::shared_ptr<RenderedPlaylist> get(std::uint64_t generation, const std::string& key,
                                        const std::function<m3u8::Playlist()>& make);

 private:
  static constexpr std::size_t kMost = 256;

  std::uint64_t generation_ = 0;
  std::map<std::string, std::shared_ptr<RenderedPlaylist>> playlists_;
};

/// The answer that carries a playlist, with the viewer's query in its holes, gzipped where that was done once for all.
net::HttpResponse playlist_response(std::shared_ptr<RenderedPlaylist> rendered, const net::HttpRequest& request);

}  // namespace sluice::hls
