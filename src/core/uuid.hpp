#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// 128 bits in the form of a UUID, RFC 9562; version and variant take the place of six of them.
std::string uuid_of(std::uint64_t high, std::uint64_t low, unsigned version);

/// A random UUID, version 4. Callable from any thread. Not for secrets.
std::string make_uuid();

}  // namespace sluice
