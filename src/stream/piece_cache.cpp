#include "stream/piece_cache.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "core/assert.hpp"
#include "stream/pin_budget.hpp"

namespace sluice::stream {

/// The bytes of all pieces, and which of them somebody holds.
class PieceCache::Pages : public std::enable_shared_from_this<Pages> {
 public:
  Pages(ByteLog log, std::shared_ptr<std::uint64_t> cut) : log_(std::move(log)), cut_(std::move(cut)) {}

  /// Appends a piece on pages of its own, if there is room. REQUIRES: it is not empty.
  std::optional<Body> append(BytesView bytes);
  /// Gives the pages of the piece back, whoever still holds older ones.
  void release(std::uint64_t begin) {
    const auto slot = std::ranges::find(slots_, begin, &Slot::begin);
    SLUICE_ASSERT(slot != slots_.end(), "a piece released twice");
    if (slot->end == log_.end()) log_.begin_page();
    log_.punch(slot->begin, Arena::page_up(slot->end));
    slots_.erase(slot);
    log_.release_to(slots_.empty() ? log_.end() : slots_.front().begin);
  }
  /// The piece is not in the cache, or no longer: who sends it pins it.
  void leave(const Body& piece) {
    for (Slot& slot : slots_) {
      if (slot.holder.lock().get() == piece.recall) slot.kept = false;
    }
  }
  void enforce_budget() const {
    std::vector<Pin> pins;
    std::uint64_t kept = 0;
    for (const Slot& slot : slots_) {
      if (slot.kept) {
        kept += slot.held();
      } else {
        pins.push_back({.bytes = slot.held(), .holder = slot.holder});
      }
    }
    enforce_pin_budget(pins, kept);
  }
  void on_cut() { ++*cut_; }
  [[nodiscard]] bool empty() const { return slots_.empty(); }
  [[nodiscard]] std::uint64_t held() const {
    std::uint64_t sum = 0;
    for (const Slot& slot : slots_) sum += slot.held();
    return sum;
  }

 private:
  struct Slot {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::weak_ptr<const Recall> holder;
    bool kept = true;

    [[nodiscard]] std::uint64_t held() const { return Arena::page_up(end) - begin; }
  };
  ByteLog log_;
  const std::shared_ptr<std::uint64_t> cut_;  // the cache's count
  std::deque<Slot> slots_;                    // of the pieces that somebody holds
};

/// Keeps the pages of one piece.
class PieceCache::Lease final : public Recall {
 public:
  Lease(std::shared_ptr<Pages> pages, std::uint64_t begin) : pages_(std::move(pages)), begin_(begin) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() override { pages_->release(begin_); }

  void on_cut() const override { pages_->on_cut(); }

 private:
  const std::shared_ptr<Pages> pages_;
  const std::uint64_t begin_;
};

std::optional<Body> PieceCache::Pages::append(BytesView bytes) {
  log_.begin_page();
  const auto begin = log_.end();
  if (!log_.append(bytes)) return {};
  const auto lease = std::make_shared<const Lease>(shared_from_this(), begin);
  slots_.push_back({.begin = begin, .end = log_.end(), .holder = lease});
  Body body{.ranges = {}, .lease = lease, .recall = lease.get()};
  for (const Range& range : log_.ranges(begin, bytes.size())) {
    if (range.length > 0) body.ranges.push_back(range);
  }
  return body;
}

Result<Body> PieceCache::get(const Segment& segment, const std::string& key, std::span<const std::uint32_t> tracks,
                             Window::MakePiece make) {
  if (const auto kept = pieces_.find({segment.number, key}); kept != pieces_.end()) return kept->second;
  auto made = make(segment, tracks, *config_);
  if (!made) return std::unexpected(made.error());
  Body body = lay_down(std::move(*made));
  body.least_rate = least_rate(body.size(), segment.duration);
  const auto of_segment = std::distance(pieces_.lower_bound({segment.number, std::string()}),
                                        pieces_.lower_bound({segment.number + 1, std::string()}));
  if (static_cast<std::size_t>(of_segment) < kMostOfSegment) {
    pieces_.emplace(std::pair(segment.number, key), body);
  } else if (bytes_ != nullptr) {
    bytes_->leave(body);
  }
  if (bytes_ != nullptr) bytes_->enforce_budget();
  return body;
}

Body PieceCache::lay_down(Bytes bytes) {
  if (bytes.empty()) return Body::of(std::move(bytes));
  if (bytes_ == nullptr) {
    auto log = ByteLog::create(arena_);
    if (!log) return Body::of(std::move(bytes));
    bytes_ = std::make_shared<Pages>(std::move(*log), cut_);
  }
  auto body = bytes_->append(bytes);
  return body ? std::move(*body) : Body::of(std::move(bytes));
}

void PieceCache::forget_before(std::uint64_t number) {
  const auto end = pieces_.lower_bound({number, std::string()});
  for (auto piece = pieces_.begin(); piece != end && bytes_ != nullptr; ++piece) bytes_->leave(piece->second);
  pieces_.erase(pieces_.begin(), end);
  if (bytes_ != nullptr && bytes_->empty()) bytes_.reset();
}

std::uint64_t PieceCache::held_bytes() const { return bytes_ == nullptr ? 0 : bytes_->held(); }

}  // namespace sluice::stream
