#pragma once

#include <memory>
#include <string>

#include "core/task.hpp"
#include "core/time.hpp"
#include "stream/segment.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// What a protocol plays: the live edge, a range of the archive, a file; written once for all of them. Belongs to the
/// shard that opened it. A protocol holds the shared_ptr for as long as it plays.
class Window {
 public:
  virtual ~Window() = default;

  /// What there is now. Ready at once for live.
  virtual Task<std::shared_ptr<const Listing>> listing() = 0;

  /// Returns when the listing has a generation above `generation` (true), or at `deadline` (false).
  virtual Task<bool> changed(std::uint64_t generation, SteadyTime deadline) = 0;

  /// The segment with the stored bytes of these tracks in memory, for whoever reads the frames in them: the same, where
  /// they lie there already.
  virtual Task<Result<std::shared_ptr<const Segment>>> loaded(std::shared_ptr<const Segment> segment,
                                                              std::vector<std::uint32_t> tracks) {
    (void)tracks;
    co_return segment;
  }

  /// The bytes of a form that is made from a segment, once, on first request, and kept in a bounded cache. `make` is a
  /// pure function of the segment's stored bytes and the media's config, and `key` names it with all its options
  /// ("ts:v1a1").
  using MakePiece = Result<Bytes> (*)(const Segment& segment, std::span<const std::uint32_t> tracks,
                                      const StreamConfig& config);
  virtual Task<Result<Body>> piece(std::shared_ptr<const Segment> segment, std::string key,
                                   std::vector<std::uint32_t> tracks, MakePiece make) = 0;
};

}  // namespace sluice::stream
