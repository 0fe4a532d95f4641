#include "access/failed_logins.hpp"

#include <string>

namespace sluice::access {

std::string FailedLogins::key_of(const Address& address) {
  const bool v4 = Network::parse("0.0.0.0/0")->contains(address);
  return {reinterpret_cast<const char*>(address.data()), v4 ? address.size() : address.size() / 2};
}

bool FailedLogins::must_wait(const Address& address, SteadyTime now) const {
  const auto found = by_key_.find(key_of(address));
  return found != by_key_.end() && found->second->failures >= kMostFailures &&
         now - found->second->last < kForgottenAfter;
}

void FailedLogins::add(const Address& address, SteadyTime now) {
  const auto key = key_of(address);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    Entry& entry = *found->second;
    entry.failures = now - entry.last < kForgottenAfter ? entry.failures + 1 : 1;
    entry.last = now;
    entries_.splice(entries_.end(), entries_, found->second);
    return;
  }
  entries_.push_back({.key = key, .failures = 1, .last = now});
  by_key_.emplace(entries_.back().key, std::prev(entries_.end()));
  if (entries_.size() <= kMostAddresses) return;
  by_key_.erase(entries_.front().key);
  entries_.pop_front();
}

void FailedLogins::forget(const Address& address) {
  const auto found = by_key_.find(key_of(address));
  if (found == by_key_.end()) return;
  const auto entry = found->second;
  by_key_.erase(found);
  entries_.erase(entry);
}

}  // namespace sluice::access
