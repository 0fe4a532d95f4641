#include "format/m3u8/errc.hpp"

namespace sluice::m3u8 {

const char* errc_category(Errc) { return "m3u8"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::not_a_playlist: return "does not begin with #EXTM3U, or is not UTF-8 without control characters";
    case Errc::too_large: return "playlist is larger than 4 MiB or has more than 100,000 entries";
    case Errc::bad_value: return "malformed number, date, string or attribute list";
    case Errc::missing: return "a required tag or attribute is missing";
    case Errc::duplicate: return "a tag or attribute that may stand once stands twice";
    case Errc::misplaced: return "a tag stands where it may not";
    case Errc::unsupported: return "a tag that this reader does not model";
    case Errc::skip_gap: return "the delta update skips segments that are not known";
  }
  return "unknown error";
}

}  // namespace sluice::m3u8
