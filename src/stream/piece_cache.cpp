#include "stream/piece_cache.hpp"

#include "core/assert.hpp"

namespace sluice::stream {

class PieceCache::Pages {
 public:
  explicit Pages(ByteLog log) : log_(std::move(log)) {}

  /// Appends a piece on pages of its own, if there is room. REQUIRES: it is not empty.
  std::optional<std::uint64_t> append(BytesView bytes) {
    log_.begin_page();
    const auto begin = log_.end();
    if (!log_.append(bytes)) return {};
    slots_.push_back({.begin = begin, .end = log_.end()});
    return begin;
  }
  /// Gives the pages of the piece back, whoever still holds older ones.
  void release(std::uint64_t begin) {
    const auto slot = std::ranges::find(slots_, begin, &Slot::begin);
    SLUICE_ASSERT(slot != slots_.end(), "a piece released twice");
    if (slot->end == log_.end()) log_.begin_page();
    log_.punch(slot->begin, Arena::page_up(slot->end));
    slots_.erase(slot);
    log_.release_to(slots_.empty() ? log_.end() : slots_.front().begin);
  }
  [[nodiscard]] const ByteLog& log() const { return log_; }
  [[nodiscard]] std::uint64_t held() const {
    std::uint64_t sum = 0;
    for (const Slot& slot : slots_) sum += Arena::page_up(slot.end) - slot.begin;
    return sum;
  }

 private:
  struct Slot {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  ByteLog log_;
  std::deque<Slot> slots_;  // of the pieces that somebody holds
};

Result<Body> PieceCache::get(const Segment& segment, const std::string& key, std::span<const std::uint32_t> tracks,
                             Window::MakePiece make) {
  if (const auto kept = pieces_.find({segment.number, key}); kept != pieces_.end()) return kept->second;
  auto made = make(segment, tracks, *config_);
  if (!made) return std::unexpected(made.error());
  const auto of_segment = std::distance(pieces_.lower_bound({segment.number, std::string()}),
                                        pieces_.lower_bound({segment.number + 1, std::string()}));
  if (static_cast<std::size_t>(of_segment) >= kMostOfSegment) return Body::of(std::move(*made));
  return pieces_.emplace(std::pair(segment.number, key), keep(std::move(*made))).first->second;
}

Body PieceCache::keep(Bytes bytes) {
  if (bytes.empty()) return Body::of(std::move(bytes));
  if (bytes_ == nullptr) {
    auto log = ByteLog::create(arena_);
    if (!log) return Body::of(std::move(bytes));
    bytes_ = std::make_shared<Pages>(std::move(*log));
  }
  const auto at = bytes_->append(bytes);
  if (!at) return Body::of(std::move(bytes));
  Body body;
  for (const Range& range : bytes_->log().ranges(*at, bytes.size())) {
    if (range.length > 0) body.ranges.push_back(range);
  }
  body.lease =
      std::shared_ptr<const void>(bytes_.get(), [pages = bytes_, begin = *at](const void*) { pages->release(begin); });
  return body;
}

void PieceCache::forget_before(std::uint64_t number) {
  pieces_.erase(pieces_.begin(), pieces_.lower_bound({number, std::string()}));
  if (pieces_.empty()) bytes_.reset();
}

std::uint64_t PieceCache::held_bytes() const { return bytes_ == nullptr ? 0 : bytes_->held(); }

}  // namespace sluice::stream
