#pragma once

#include <string_view>
#include <system_error>

namespace sluice::transcode::fake {

enum class Errc {
  no_encoder = 1,
  bad_parameters,
  encoder_failed,
};

const char* errc_category(Errc);
std::string_view errc_text(Errc code);
std::error_code make_error_code(Errc code);

}  // namespace sluice::transcode::fake

template <>
struct std::is_error_code_enum<sluice::transcode::fake::Errc> : std::true_type {};
