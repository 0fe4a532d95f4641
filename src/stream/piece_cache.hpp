#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/arena.hpp"
#include "core/body.hpp"
#include "stream/segment.hpp"
#include "stream/window.hpp"

namespace sluice::stream {

/// The pieces of one stream on one shard: forms made from a segment on first request, kept as long as their segment is
/// in the window. They lie in the shard's arena, so that they leave by sendfile; where that has no room, on the heap.
/// What slow viewers keep beyond that is bounded by enforce_pin_budget().
/// Belongs to its shard, and so do the bodies.
class PieceCache {
 public:
  /// Kept of one segment. A viewer may ask for its tracks in any order: further pieces are made each time.
  static constexpr std::size_t kMostOfSegment = 32;

  PieceCache(Arena& arena, std::shared_ptr<const StreamConfig> config) : arena_(arena), config_(std::move(config)) {}

  /// The piece `key` of `segment`, made now if it is not there. REQUIRES: those tracks are complete.
  Result<Body> get(const Segment& segment, const std::string& key, std::span<const std::uint32_t> tracks,
                   Window::MakePiece make);

  /// Pieces are made by another config from now on.
  void set_config(std::shared_ptr<const StreamConfig> config) { config_ = std::move(config); }

  /// Forgets the pieces of segments before `number`; whoever is sending one keeps it until he is done.
  void forget_before(std::uint64_t number);

  /// Senders that gave up a piece because a viewer was too slow.
  [[nodiscard]] std::uint64_t cut() const { return *cut_; }
  /// Memory of the pieces in the arena.
  [[nodiscard]] std::uint64_t held_bytes() const;
  [[nodiscard]] std::size_t size() const { return pieces_.size(); }

 private:
  class Pages;
  class Lease;

  Body lay_down(Bytes bytes);

  // borrowed (outlives this)
  Arena& arena_;
  // owned
  std::shared_ptr<const StreamConfig> config_;
  std::shared_ptr<Pages> bytes_;
  std::map<std::pair<std::uint64_t, std::string>, Body> pieces_;
  const std::shared_ptr<std::uint64_t> cut_ = std::make_shared<std::uint64_t>();
};

}  // namespace sluice::stream
