#pragma once

#include <string_view>

#include "core/result.hpp"

namespace sluice::webvtt {

enum class Errc {
  truncated = 1,  ///< the sample ends inside a box
  bad_box,        ///< a box is smaller than its own header or larger than what holds it
  too_many,       ///< more cues in one sample than anybody could read
};

const char* errc_category(Errc code);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return sluice::to_error_code(code); }

}  // namespace sluice::webvtt

template <>
struct std::is_error_code_enum<sluice::webvtt::Errc> : std::true_type {};
