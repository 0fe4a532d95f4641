#pragma once

#include <string_view>
#include <system_error>

#include "core/result.hpp"

namespace sluice::rtmp {

/// What a peer can do wrong on an RTMP connection. Each ends the session.
enum class Errc {
  not_rtmp = 1,            ///< the first byte is no RTMP version
  bad_chunk_header,        ///< a chunk stream begins with a header that leaves fields out
  unfinished_message,      ///< a message begins inside another one of the same chunk stream
  too_many_chunk_streams,  ///< more than Limits::chunk_streams
  message_too_large,       ///< more than Limits::message_bytes
  too_much_unfinished,     ///< more than Limits::unfinished_bytes
  bad_chunk_size,          ///< a chunk size of 0 or with the top bit set
  truncated,               ///< a message ends inside its fields
  bad_command,             ///< a command without a name, or with too many arguments
  unexpected_command,      ///< a command that the state of the connection does not allow
  unexpected_answer,       ///< the answer to a request does not say what it must
};
const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return sluice::to_error_code(code); }

}  // namespace sluice::rtmp

template <>
struct std::is_error_code_enum<sluice::rtmp::Errc> : std::true_type {};
