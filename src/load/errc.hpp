#pragma once

#include <string_view>
#include <system_error>
#include <type_traits>

#include "core/result.hpp"

namespace sluice::load {

/// What can go wrong with what a test asks for, and with what it finds.
enum class Errc {
  bad_url = 1,       ///< no URL that we can publish to or play
  unknown_host,      ///< the name has no address
  unreachable,       ///< no connection was made
  refused,           ///< the server says no to an RTMP call
  bad_status,        ///< an HTTP status other than 200
  bad_answer,        ///< not HTTP/1
  answer_too_large,  ///< a head or a body above the caps
  bad_playlist,      ///< nothing in it that could be played
  no_video,          ///< a clip without a random access frame
  clip_changes,      ///< a clip whose parameters change on the way
  ended,             ///< the server has said that the stream is over
};

const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return to_error_code(code); }

}  // namespace sluice::load

template <>
struct std::is_error_code_enum<sluice::load::Errc> : std::true_type {};
