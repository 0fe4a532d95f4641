#include "config/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace sluice::config {
namespace {

/// How many bytes continue a character that begins with `lead`; -1 where none may begin so.
int continuation_bytes(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  if (lead >= 0xf0 && lead <= 0xf4) return 3;
  return -1;
}

bool allowed(std::uint32_t character, int more) {
  constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  return character >= kLeast[more] && character <= 0x10ffff && !(character >= 0xd800 && character <= 0xdfff);
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int more = continuation_bytes(lead);
    if (more < 0) return false;
    std::uint32_t character = more == 0 ? lead : lead & (0x3f >> more);
    for (int k = 0; k < more; ++k, ++i) {
      if (i == text.size() || !is_utf8_continuation(text[i])) return false;
      character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
    }
    if (!allowed(character, more)) return false;
  }
  return true;
}

}  // namespace sluice::config
