#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/flv/message.hpp"

namespace sluice::flv {

/// Takes an FLV byte stream, in pieces as they come, apart into messages, for clients of HTTP-FLV and for pipes. Each
/// message owns memory of its own. Holds at most the tag under way, which is under 16 MiB by the 24 bits of its length,
/// and of it only what has come. Tags of unknown types are passed over; an error is permanent.
class FileReader {
 public:
  /// The next message, out of the front of `in`, which is advanced over what was consumed; nothing when `in` is used up
  /// and more is needed. Errors: bad_header, encrypted.
  Result<std::optional<Message>> next(BytesView& in);

 private:
  enum class State : std::uint8_t { file_header, header_rest, previous_tag_size, tag_header, body };

  /// Moves bytes from `in` to `gathered_` until it has `wanted_`; true when it has.
  bool gather(BytesView& in);
  /// Waits for the next structure.
  void expect(State state, std::size_t wanted);
  Result<void> read_file_header();
  Result<void> read_tag_header();

  State state_ = State::file_header;
  std::size_t wanted_ = 9;   ///< bytes of the state's structure
  Bytes gathered_;           ///< those that are here
  Message message_;          ///< type and timestamp of the tag whose body is awaited
  bool known_type_ = false;  ///< of that tag; others are passed over
};

}  // namespace sluice::flv
