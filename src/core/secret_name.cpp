#include "core/secret_name.hpp"

#include <algorithm>
#include <array>

namespace sluice {
namespace {

constexpr std::array<std::string_view, 15> kSecrets = {
    "token", "password", "passwd", "pass", "pwd",       "passphrase",    "secret",   "key",
    "auth",  "apikey",   "psk",    "sig",  "signature", "authorization", "streamkey"};

}  // namespace

bool is_secret_name(std::string_view name) {
  const auto last = name.substr(std::min(name.size(), name.find_last_of("_-") + 1));
  return std::ranges::any_of(kSecrets, [&](std::string_view secret) {
    return std::ranges::equal(last, secret, {}, [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
  });
}

}  // namespace sluice
