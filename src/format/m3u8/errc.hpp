#pragma once

#include <string_view>
#include <system_error>
#include <type_traits>

#include "core/result.hpp"

namespace sluice::m3u8 {

enum class Errc {
  not_a_playlist = 1,  ///< does not begin with #EXTM3U, or is not UTF-8 without control characters
  too_large,           ///< above the reader's caps
  bad_value,           ///< a number, date, quoted string or attribute list is malformed
  missing,             ///< a required tag or attribute is not there
  duplicate,           ///< a tag or attribute that may stand once stands twice
  misplaced,           ///< a tag stands where it may not, or tags of both kinds of playlist are mixed
  unsupported,         ///< legal, but nothing that this reader models (EXT-X-KEY, EXT-X-BYTERANGE, EXT-X-DEFINE)
  skip_gap,            ///< a delta update skips segments that are not known
};

const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return to_error_code(code); }

}  // namespace sluice::m3u8

template <>
struct std::is_error_code_enum<sluice::m3u8::Errc> : std::true_type {};
