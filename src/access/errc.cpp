#include "access/errc.hpp"

namespace sluice::access {

const char* errc_category(Errc) { return "access"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::closed: return "this session was closed by the administrator";
  }
  return "unknown";
}

}  // namespace sluice::access
