#include "access/network.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sluice::access {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

bool is_v4(const Address& address) { return std::equal(kMapped.begin(), kMapped.end(), address.begin()); }

std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && out <= most ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  Address out{};
  in_addr v4{};
  if (::inet_pton(AF_INET6, terminated.c_str(), out.data()) == 1) return out;
  if (::inet_pton(AF_INET, terminated.c_str(), &v4) != 1) return std::nullopt;
  std::ranges::copy(kMapped, out.begin());
  std::memcpy(out.data() + kMapped.size(), &v4, sizeof v4);
  return out;
}

bool is_loopback(const Address& address) {
  if (is_v4(address)) return address[12] == 127;
  Address one{};
  one[15] = 1;
  return address == one;
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  std::string whole(text.substr(0, slash));
  const bool v4 = whole.find(':') == std::string::npos;
  unsigned given = 128;
  if (v4) {
    const auto dots = static_cast<unsigned>(std::ranges::count(whole, '.'));
    if (dots > 3) return std::nullopt;
    for (unsigned i = dots; i < 3; ++i) whole += ".0";
    given = (dots + 1) * 8;
  }
  const auto address = parse_address(whole);
  const auto bits =
      slash == std::string_view::npos ? std::optional(given) : number(text.substr(slash + 1), v4 ? 32 : 128);
  if (!address || !bits) return std::nullopt;
  return Network{.first = *address, .bits = *bits + (v4 ? kMappedBits : 0)};
}

bool Network::contains(const Address& address) const {
  const auto bytes = bits / 8;
  if (!std::equal(first.begin(), first.begin() + bytes, address.begin())) return false;
  const auto rest = bits % 8;
  return rest == 0 || (first[bytes] ^ address[bytes]) >> (8 - rest) == 0;
}

std::string Network::print() const {
  const bool v4 = is_v4(first) && bits >= kMappedBits;
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(v4 ? AF_INET : AF_INET6, first.data() + (v4 ? kMapped.size() : 0), text.data(), text.size());
  return fmt::format("{}/{}", text.data(), bits - (v4 ? kMappedBits : 0));
}

}  // namespace sluice::access
