#pragma once

#include <string>
#include <string_view>

namespace sluice::access {

/// How a password may stand in the config: as it is, or as a PHC string of Argon2id ("$argon2id$v=19$m=19456,t=2,p=1$
/// SALT$HASH", RFC 9106), which tells nobody what it was.

/// Whether `stored` is a hash, or claims to be one.
bool is_hashed(std::string_view stored);

/// Whether `stored` is a plain password, or a hash that can be checked with bearable effort: 256 MiB, 16 passes.
bool is_usable(std::string_view stored);

/// The hash of a password, with a salt of its own. Takes some 20 ms and 19 MiB; not for a shard.
std::string hash_password(std::string_view password);

/// Whether `password` is the one of `stored`. Takes as long as that wants if it is a hash: not for a shard then. For a
/// plain one the time does not depend on how much of it is right.
bool is_password(std::string_view password, const std::string& stored);

}  // namespace sluice::access
