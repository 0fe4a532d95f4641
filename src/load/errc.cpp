#include "load/errc.hpp"

namespace sluice::load {

const char* errc_category(Errc) { return "load"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::bad_url: return "not a URL that can be published to or played";
    case Errc::unknown_host: return "the host has no address";
    case Errc::unreachable: return "no connection was made";
    case Errc::refused: return "the server refused";
    case Errc::bad_status: return "the HTTP status is not 200";
    case Errc::bad_answer: return "the answer is not HTTP/1";
    case Errc::answer_too_large: return "the answer is too large";
    case Errc::bad_playlist: return "the playlist has nothing to play";
    case Errc::no_video: return "the clip has no video keyframe";
    case Errc::clip_changes: return "the parameters change within the clip";
    case Errc::ended: return "the stream has ended";
  }
  return "unknown error";
}

}  // namespace sluice::load
