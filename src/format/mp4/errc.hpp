#pragma once

#include <string_view>

#include "core/result.hpp"

namespace sluice::mp4 {

/// What can be wrong with boxes from outside.
enum class Errc {
  truncated = 1,  ///< the bytes end inside a box
  bad_box,        ///< a box is smaller than its own header or larger than what holds it
  missing_box,    ///< a box without which the rest means nothing is not there
  bad_value,      ///< a field holds what the standard forbids
  too_many,       ///< more tracks or samples than this reader takes
  unsupported,    ///< legal, but in no file that this reader is for
  no_fragment,    ///< the bytes end before any movie fragment begins
};

const char* errc_category(Errc code);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return sluice::to_error_code(code); }

}  // namespace sluice::mp4

template <>
struct std::is_error_code_enum<sluice::mp4::Errc> : std::true_type {};
