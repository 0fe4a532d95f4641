#include "format/flv/errc.hpp"

namespace sluice::flv {

namespace {

// Table of SoundFormat, annex E.4.2.1.
std::string_view audio_text(unsigned id) {
  switch (id) {
    case 0: return "FLV audio codec 0 (linear PCM, platform endian) is not supported";
    case 1: return "FLV audio codec 1 (ADPCM) is not supported";
    case 3: return "FLV audio codec 3 (linear PCM, little endian) is not supported";
    case 4: return "FLV audio codec 4 (Nellymoser 16 kHz mono) is not supported";
    case 5: return "FLV audio codec 5 (Nellymoser 8 kHz mono) is not supported";
    case 6: return "FLV audio codec 6 (Nellymoser) is not supported";
    case 7: return "FLV audio codec 7 (G.711 A-law) is not supported";
    case 8: return "FLV audio codec 8 (G.711 mu-law) is not supported";
    case 11: return "FLV audio codec 11 (Speex) is not supported";
    case 15: return "FLV audio codec 15 (device-specific sound) is not supported";
    default: return "an unknown FLV audio codec";
  }
}

// Table of CodecID, annex E.4.3.1.
std::string_view video_text(unsigned id) {
  switch (id) {
    case 2: return "FLV video codec 2 (Sorenson H.263) is not supported";
    case 3: return "FLV video codec 3 (Screen video) is not supported";
    case 4: return "FLV video codec 4 (On2 VP6) is not supported";
    case 5: return "FLV video codec 5 (On2 VP6 with alpha channel) is not supported";
    case 6: return "FLV video codec 6 (Screen video version 2) is not supported";
    default: return "an unknown FLV video codec";
  }
}

}  // namespace

const char* errc_category(Errc) { return "flv"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::truncated: return "the FLV tag ends too early";
    case Errc::bad_header: return "no FLV file header";
    case Errc::encrypted: return "the FLV tag is encrypted";
    case Errc::unknown_frame_type: return "an FLV video frame type that the standard does not have";
    case Errc::no_script: return "FLV script data without a name";
    case Errc::audio_codec:
    case Errc::video_codec: break;
  }
  const auto number = static_cast<unsigned>(code);
  const auto base = static_cast<unsigned>(Errc::video_codec);
  return number >= base ? video_text(number - base) : audio_text(number - static_cast<unsigned>(Errc::audio_codec));
}

}  // namespace sluice::flv
