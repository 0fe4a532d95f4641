#include "transcode/fake/errc.hpp"

#include "core/result.hpp"

namespace sluice::transcode::fake {

const char* errc_category(Errc) { return "fake"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::no_encoder: return "the FFmpeg libraries have no libx264 or no AAC encoder";
    case Errc::bad_parameters: return "the encoder refuses this size, rate or bitrate";
    case Errc::encoder_failed: return "the encoder failed";
  }
  return "unknown error";
}

std::error_code make_error_code(Errc code) { return to_error_code(code); }

}  // namespace sluice::transcode::fake
