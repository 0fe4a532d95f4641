#pragma once

#include "core/result.hpp"

namespace sluice::stream {

enum class Errc {
  bad_name = 1,     ///< not a valid stream name
  not_found,        ///< no such stream, and no template makes it
  not_running,      ///< the stream exists, but nothing feeds it
  not_publishable,  ///< the stream has no publish:// input
  wrong_password,
  no_track,  ///< no track of the media can be carried in that form
  gone,      ///< the stream ended while somebody waited for it
  too_many,  ///< no room for one more stream or flow
};

const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return to_error_code(code); }

}  // namespace sluice::stream

template <>
struct std::is_error_code_enum<sluice::stream::Errc> : std::true_type {};
