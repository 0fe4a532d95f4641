#pragma once

#include <memory>

#include "core/bytes.hpp"

namespace sluice {

/// Shared owner of an immutable block, and a range of it. Written once by whoever made it, const afterwards; may cross
/// shards. Copying costs one atomic increment and no bytes. A payload that keeps 200 bytes of a 1 MB block alive is a
/// bug: copy small ranges out with `Payload::copy`.
class Payload {
 public:
  Payload() = default;

  /// Takes over `bytes` without copying them.
  static Payload own(Bytes bytes) {
    auto owner = std::make_shared<const Bytes>(std::move(bytes));
    const BytesView all(*owner);
    return Payload(std::move(owner), all);
  }
  static Payload copy(BytesView bytes) { return own(Bytes(bytes.begin(), bytes.end())); }

  /// The same block, narrowed. REQUIRES: at + n <= size().
  [[nodiscard]] Payload sub(std::size_t at, std::size_t n) const { return Payload(owner_, view_.subspan(at, n)); }

  [[nodiscard]] BytesView view() const noexcept { return view_; }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] bool empty() const noexcept { return view_.empty(); }

 private:
  Payload(std::shared_ptr<const void> owner, BytesView view) : owner_(std::move(owner)), view_(view) {}

  std::shared_ptr<const void> owner_;
  BytesView view_;
};

}  // namespace sluice
