#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/arena.hpp"
#include "core/body.hpp"
#include "stream/segment.hpp"
#include "stream/window.hpp"

namespace sluice::stream {

/// The pieces of one stream on one shard: forms made from a segment on first request, kept as long as their segment is
/// in the window. They lie in the shard's arena, so that they leave by sendfile; where that has no room, on the heap.
class PieceCache {
 public:
  explicit PieceCache(Arena& arena) : arena_(arena) {}

  /// The piece `key` of `segment`, made now if it is not there.
  Result<Body> get(const Segment& segment, const std::string& key, std::span<const std::uint32_t> tracks,
                   Window::MakePiece make);

  /// Forgets the pieces of segments before `number`; whoever is sending one keeps it until he is done.
  void forget_before(std::uint64_t number);

  [[nodiscard]] std::uint64_t held_bytes() const;

 private:
  /// The bytes of all pieces, given back in the order in which they were made.
  class Pages;

  Body keep(Bytes bytes);

  // borrowed (outlives this)
  Arena& arena_;
  // owned
  std::shared_ptr<Pages> bytes_;
  std::map<std::pair<std::uint64_t, std::string>, Body> pieces_;
};

}  // namespace sluice::stream
