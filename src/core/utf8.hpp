#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// True for a byte that continues a character of more than one byte (RFC 3629 section 3).
constexpr bool is_utf8_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The length in bytes of the character at the front; 0 where there is none that is well-formed (RFC 3629 section 4: no
/// surrogates, no overlong forms).
std::size_t utf8_length(std::string_view text);

/// True where `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// `text` with U+FFFD for each byte that is of no well-formed character.
std::string as_utf8(std::string_view text);

}  // namespace sluice
