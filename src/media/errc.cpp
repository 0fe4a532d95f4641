#include "media/errc.hpp"

namespace sluice::media {

const char* errc_category(Errc) { return "media"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::truncated: return "codec data ends too early";
    case Errc::bad_config: return "the decoder configuration record is broken";
    case Errc::bad_parameter_set: return "a parameter set of the video is broken";
    case Errc::bad_nal_length: return "a NAL unit is longer than its access unit";
    case Errc::bad_frame_header: return "the audio frame has no valid header";
    case Errc::unsupported_config: return "the codec is configured in a way that is not supported";
  }
  return "unknown media error";
}

}  // namespace sluice::media
