#include "stream/errc.hpp"

namespace sluice::stream {

const char* errc_category(Errc) { return "stream"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::bad_name: return "not a valid stream name";
    case Errc::not_found: return "no such stream";
    case Errc::not_running: return "nothing is being sent to this stream now";
    case Errc::not_publishable: return "this stream takes no publisher: it has no 'input publish://'";
    case Errc::wrong_password: return "wrong password";
    case Errc::no_track: return "no track of this stream can be carried in this form";
    case Errc::gone: return "the stream ended";
    case Errc::too_many: return "the server has no room for one more stream";
  }
  return "unknown error";
}

}  // namespace sluice::stream
