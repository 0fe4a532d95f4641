#include "protocol/rtmp/errc.hpp"

namespace sluice::rtmp {

const char* errc_category(Errc) { return "rtmp"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::not_rtmp: return "the first byte is not an RTMP version";
    case Errc::bad_chunk_header: return "the first chunk of a chunk stream has a header that leaves fields out";
    case Errc::unfinished_message: return "a message begins before the one before it on the chunk stream has ended";
    case Errc::too_many_chunk_streams: return "too many chunk streams";
    case Errc::message_too_large: return "a message is larger than allowed here";
    case Errc::too_much_unfinished: return "too many bytes of unfinished messages";
    case Errc::bad_chunk_size: return "an invalid chunk size";
    case Errc::truncated: return "a message ends inside its fields";
    case Errc::bad_command: return "a command message that is no command";
    case Errc::unexpected_command: return "a command that is not allowed in this state";
    case Errc::unexpected_answer: return "the answer to a request does not say what it must";
  }
  return "unknown RTMP error";
}

}  // namespace sluice::rtmp
