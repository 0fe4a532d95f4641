#include "stream/piece_cache.hpp"

#include "core/assert.hpp"

namespace sluice::stream {

class PieceCache::Pages {
 public:
  explicit Pages(ByteLog log) : log_(std::move(log)) {}

  /// Appends a piece on pages of its own, if there is room.
  std::optional<std::uint64_t> append(BytesView bytes) {
    log_.begin_page();
    const auto at = log_.end();
    if (!log_.append(bytes)) return {};
    slots_.push_back({.begin = at});
    return at;
  }
  void release(std::uint64_t begin) {
    for (Slot& slot : slots_) {
      if (slot.begin == begin) slot.released = true;
    }
    while (!slots_.empty() && slots_.front().released) slots_.pop_front();
    log_.release_to(slots_.empty() ? log_.end() : slots_.front().begin);
  }
  [[nodiscard]] const ByteLog& log() const { return log_; }

 private:
  struct Slot {
    std::uint64_t begin = 0;
    bool released = false;
  };
  ByteLog log_;
  std::deque<Slot> slots_;
};

Result<Body> PieceCache::get(const Segment& segment, const std::string& key, std::span<const std::uint32_t> tracks,
                             Window::MakePiece make) {
  const auto [it, added] = pieces_.try_emplace({segment.number, key});
  if (!added) return it->second;
  auto made = make(segment, tracks);
  if (!made) {
    pieces_.erase(it);
    return std::unexpected(made.error());
  }
  it->second = keep(std::move(*made));
  return it->second;
}

Body PieceCache::keep(Bytes bytes) {
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

std::uint64_t PieceCache::held_bytes() const { return bytes_ == nullptr ? 0 : bytes_->log().held(); }

}  // namespace sluice::stream
