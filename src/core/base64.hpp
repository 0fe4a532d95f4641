#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Base64url without padding, RFC 4648 section 5: needs no escape in a URL.
std::string base64_encode(std::string_view bytes);

/// Reads both alphabets, with and without padding; nothing where `text` is neither. A blank is a '+' that a URL was not
/// kind to.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace sluice
