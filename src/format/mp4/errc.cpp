#include "format/mp4/errc.hpp"

namespace sluice::mp4 {

const char* errc_category(Errc) { return "mp4"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::truncated: return "the bytes end inside a box";
    case Errc::bad_box: return "a box is smaller than its header or larger than what holds it";
    case Errc::missing_box: return "a required box is missing";
    case Errc::bad_value: return "a field holds a value that the standard forbids";
    case Errc::too_many: return "more tracks or samples than allowed";
    case Errc::unsupported: return "this form of MP4 is not supported";
    case Errc::no_fragment: return "no movie fragment follows";
  }
  return "unknown error";
}

}  // namespace sluice::mp4
