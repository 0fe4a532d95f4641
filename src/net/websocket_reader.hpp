#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace sluice::net {

/// Reads the frames of a client (RFC 6455 section 5), however they are cut. Holds no more than a head and the payload
/// of one control frame.
class WebSocketReader {
 public:
  enum class Kind : std::uint8_t { data, close, ping, pong };
  struct Event {
    Kind kind = Kind::data;
    /// Data: the next bytes of a message, of the input. Else the whole payload, valid until the next call.
    std::span<std::byte> bytes;
  };

  /// The next event, taking what it needs from the front of `in`, whose data it unmasks where they lie. Nothing: `in`
  /// is used up. Errc::bad_websocket: what follows cannot be understood.
  Result<std::optional<Event>> next(std::span<std::byte>& in);

 private:
  Result<void> read_head();
  [[nodiscard]] std::size_t head_size() const;
  [[nodiscard]] bool is_masked() const;
  void unmask(std::span<std::byte> bytes);

  std::array<std::byte, 14> head_{};
  std::size_t head_filled_ = 0;
  bool in_payload_ = false;
  Kind kind_ = Kind::data;
  bool in_message_ = false;  // of several frames
  std::uint64_t left_ = 0;   // of the payload
  std::array<std::byte, 4> mask_{};
  std::size_t mask_at_ = 0;
  std::array<std::byte, 125> control_{};
  std::size_t control_filled_ = 0;
};

}  // namespace sluice::net
