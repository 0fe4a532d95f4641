#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace sluice::load {

/// The head of an HTTP/1 answer, as far as a client of media needs it. RFC 9112.
struct AnswerHead {
  unsigned status = 0;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;  ///< another request may follow on the connection
  std::size_t size = 0;    ///< bytes of the head, the empty line included
};

inline constexpr std::size_t kMostAnswerHeadBytes = 16 * 1024;

/// Reads a head from the front of `in`; nothing when more bytes are needed. Errors: bad_answer, answer_too_large.
Result<std::optional<AnswerHead>> parse_answer_head(BytesView in);

/// Takes the body of an answer out of the bytes behind its head: counted, chunked, or up to the end of the connection.
class AnswerBody {
 public:
  explicit AnswerBody(const AnswerHead& head);

  /// The next bytes of the body, a view of `in`, which is advanced over what was consumed; empty when `in` is used up
  /// or the body is done. Errors: bad_answer, permanent.
  Result<BytesView> next(BytesView& in);

  /// All of it is here. Never, where it lasts until the connection ends.
  [[nodiscard]] bool done() const { return state_ == State::done; }

  /// How many bytes that come next are the body's, whatever they are; 0 where something must be read first.
  [[nodiscard]] std::uint64_t plain_bytes() const;
  /// So many were taken off the connection without coming here. REQUIRES: n <= plain_bytes().
  void skip(std::uint64_t n);

 private:
  enum class State : std::uint8_t { counted, endless, chunk_size, chunk_extension, chunk, chunk_end, trailer, done };

  Result<void> take_framing(std::uint8_t byte);
  Result<void> end_of_size();
  BytesView take(BytesView& in);

  State state_;
  std::uint64_t left_ = 0;    ///< of the body or of the chunk
  unsigned digits_ = 0;       ///< of the chunk's size
  std::size_t line_ = 0;      ///< bytes of the extension's or the trailer's line
  std::size_t trailers_ = 0;  ///< bytes of all trailer lines
};

}  // namespace sluice::load
