#pragma once

#include <string_view>
#include <system_error>

#include "core/result.hpp"

namespace sluice::flv {

/// What can be wrong with FLV. The codecs that are not carried have a code each, so that a log line names them: base
/// plus the id of Adobe FLV annex E.4.2.1 and E.4.3.1.
enum class Errc {
  truncated = 1,       ///< a tag body ends inside its fields
  bad_header,          ///< no FLV file header
  encrypted,           ///< the tag is encrypted (annex F)
  unknown_frame_type,  ///< a video frame type that annex E does not have
  no_script,           ///< script data that does not begin with a name

  audio_codec = 0x100,  ///< + SoundFormat
  video_codec = 0x200,  ///< + CodecID
};
const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return sluice::to_error_code(code); }

}  // namespace sluice::flv

template <>
struct std::is_error_code_enum<sluice::flv::Errc> : std::true_type {};
