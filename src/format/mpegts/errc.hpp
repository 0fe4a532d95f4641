#pragma once

#include <string_view>
#include <system_error>

#include "core/result.hpp"

namespace sluice::mpegts {

/// What can be wrong with a transport stream from outside.
enum class Errc {
  truncated = 1,  ///< the bytes end inside a structure
  no_sync_byte,   ///< a transport packet that does not begin with 0x47
  bad_packet,     ///< an adaptation field that leads out of its packet, or reserved values
  bad_section,    ///< a PSI section whose lengths contradict each other
  bad_crc,        ///< a PSI section whose CRC_32 does not match
  bad_pes,        ///< a PES packet without its start code, or whose lengths contradict each other
  too_many,       ///< more elementary streams than this reader takes
};

const char* errc_category(Errc code);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return sluice::to_error_code(code); }

}  // namespace sluice::mpegts

template <>
struct std::is_error_code_enum<sluice::mpegts::Errc> : std::true_type {};
