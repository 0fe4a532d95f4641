#pragma once

#include <list>
#include <unordered_map>

#include "access/network.hpp"
#include "core/time.hpp"

namespace sluice::access {

/// Who has failed to log in lately: after some failures an address (of IPv6 its /64) has to wait, whatever it sends, so
/// that trying passwords leads nowhere. Bounded: in a flood of addresses the oldest are forgotten. One shard's.
class FailedLogins {
 public:
  static constexpr unsigned kMostFailures = 10;               ///< then the address waits
  static constexpr std::chrono::seconds kForgottenAfter{60};  ///< of waiting, or without a failure
  static constexpr std::size_t kMostAddresses = 10'000;

  [[nodiscard]] bool must_wait(const Address& address, SteadyTime now) const;
  void add(const Address& address, SteadyTime now);
  /// Its failures count no more.
  void forget(const Address& address);

 private:
  struct Entry {
    std::string key;
    unsigned failures = 0;
    SteadyTime last{};
  };
  static std::string key_of(const Address& address);

  std::list<Entry> entries_;                                                 // who failed longest ago first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;  // the keys are theirs
};

}  // namespace sluice::access
