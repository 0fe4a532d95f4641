#include "format/webvtt/errc.hpp"

namespace sluice::webvtt {

const char* errc_category(Errc) { return "webvtt"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::truncated: return "the sample ends inside a box";
    case Errc::bad_box: return "a box is smaller than its header or larger than what holds it";
    case Errc::too_many: return "too many cues in one sample";
  }
  return "unknown error";
}

}  // namespace sluice::webvtt
