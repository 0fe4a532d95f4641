#pragma once

#include <string_view>

namespace sluice::config {

/// True for a byte that continues a character of more than one byte (RFC 3629 section 3).
constexpr bool is_utf8_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// True where `text` is well-formed UTF-8 as RFC 3629 section 4 has it: no surrogates, no overlong forms.
bool is_utf8(std::string_view text);

}  // namespace sluice::config
