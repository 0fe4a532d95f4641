#include "format/mpegts/errc.hpp"

namespace sluice::mpegts {

const char* errc_category(Errc) { return "mpegts"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::truncated: return "the bytes end inside a structure";
    case Errc::no_sync_byte: return "a transport packet does not begin with its sync byte";
    case Errc::bad_packet: return "a transport packet contradicts itself";
    case Errc::bad_section: return "a PSI section contradicts itself";
    case Errc::bad_crc: return "the CRC of a PSI section does not match";
    case Errc::bad_pes: return "a PES packet contradicts itself";
    case Errc::too_many: return "more elementary streams than allowed";
  }
  return "unknown error";
}

}  // namespace sluice::mpegts
