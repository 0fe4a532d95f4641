#pragma once

#include "core/result.hpp"

namespace sluice::access {

enum class Errc {
  closed = 1,  ///< somebody closed the session, not long ago
};

const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return to_error_code(code); }

}  // namespace sluice::access

template <>
struct std::is_error_code_enum<sluice::access::Errc> : std::true_type {};
