#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::access {

/// An IPv4 or IPv6 address; IPv4 as RFC 4291 maps it into IPv6.
using Address = std::array<std::uint8_t, 16>;

/// Reads an address in digits; nothing where `text` is none.
std::optional<Address> parse_address(std::string_view text);

/// Whether it is this machine's own, 127.0.0.0/8 or ::1.
bool is_loopback(const Address& address);

/// A range of addresses.
struct Network {
  Address first{};
  unsigned bits = 128;  ///< of `first` that count

  /// `10.0.0.0/8`, `::1`, `2001:db8::/32`, and short forms: `172.16/12` is 172.16.0.0/12, `10` is 10.0.0.0/8.
  static std::optional<Network> parse(std::string_view text);

  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] std::string print() const;

  bool operator==(const Network&) const = default;
};

}  // namespace sluice::access
