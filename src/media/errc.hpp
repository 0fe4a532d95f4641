#pragma once

#include <string_view>
#include <system_error>

#include "core/result.hpp"

namespace sluice::media {

/// What can be wrong with a codec's bits.
enum class Errc {
  truncated = 1,      ///< the input ends inside a structure
  bad_config,         ///< a decoder configuration record that contradicts its standard
  bad_parameter_set,  ///< a sequence or picture parameter set that contradicts its standard
  bad_nal_length,     ///< a NAL unit's length leads out of its access unit
  bad_frame_header,   ///< an audio frame header without its sync word, or with reserved values
  unsupported_config  ///< a valid configuration of a kind that live streams do not have
};
const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return sluice::to_error_code(code); }

}  // namespace sluice::media

template <>
struct std::is_error_code_enum<sluice::media::Errc> : std::true_type {};
