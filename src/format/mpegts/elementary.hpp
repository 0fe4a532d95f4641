#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "media/frame.hpp"

namespace sluice::mpegts {

/// A stretch of an elementary stream, as pieces of memory that lies elsewhere: the writer of packets is the only one
/// who copies it.
class ElementaryBytes {
 public:
  static constexpr std::size_t kMaxCopy = 8;

  /// Appends bytes that stay where they are until clear().
  void borrow(BytesView bytes) {
    pieces_.push_back(bytes);
    size_ += bytes.size();
  }
  /// Appends a copy of at most kMaxCopy bytes.
  void copy(BytesView bytes) {
    auto& kept = copies_.emplace_back();
    std::copy(bytes.begin(), bytes.end(), kept.begin());
    borrow(BytesView(kept).first(bytes.size()));
  }
  void clear() {
    pieces_.clear();
    copies_.clear();
    size_ = 0;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const BytesView> pieces() const noexcept { return pieces_; }

 private:
  std::vector<BytesView> pieces_;
  std::deque<std::array<std::byte, kMaxCopy>> copies_;  // a deque does not move what it holds
  std::size_t size_ = 0;
};

/// Turns the frames of one track into its elementary stream.
class Encoder {
 public:
  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  virtual ~Encoder() = default;

  /// Appends the frame; `out` borrows from the frame's payload and from the encoder. Appends nothing for a payload that
  /// the elementary stream has no form for.
  virtual void encode(const media::Frame& frame, ElementaryBytes& out) const = 0;
};

/// One PES packet of an elementary stream.
struct PesUnit {
  std::optional<Ticks> dts;  ///< unwrapped
  std::optional<Ticks> pts;
  bool random_access_indicator = false;
  bool corrupt = false;  ///< bytes are missing in it
  BytesView data;
};

/// A frame found in an elementary stream; `config` where this frame's parameters are not those before it.
struct DecodedFrame {
  media::Frame frame;  ///< its track is not set
  std::optional<Bytes> config;
};

/// Turns one elementary stream into frames.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  /// Appends the frames that `unit` completes. Returns how many pieces were no frame.
  virtual std::size_t decode(const PesUnit& unit, std::vector<DecodedFrame>& out) = 0;
};

}  // namespace sluice::mpegts
