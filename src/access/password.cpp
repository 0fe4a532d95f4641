#include "access/password.hpp"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace sluice::access {
namespace {

// As RFC 9106 and OWASP recommend where memory is dear.
constexpr std::uint32_t kMemory = 19'456;  // KiB
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

constexpr std::string_view kPrefix = "$argon2id$";
constexpr std::uint32_t kMostMemory = 256 * 1024;  // KiB
constexpr std::uint32_t kMostPasses = 16;
constexpr std::uint32_t kMostLanes = 16;

std::optional<std::uint32_t> parameter(std::string_view hash, std::string_view name) {
  const auto at = hash.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const char* begin = hash.data() + at + name.size();
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(begin, hash.data() + hash.size(), out);
  return error == std::errc{} ? std::optional(out) : std::nullopt;
}

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest digest(std::string_view text) {
  Digest out{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

}  // namespace

bool is_hashed(std::string_view stored) { return stored.starts_with("$argon2"); }

bool is_usable(std::string_view stored) {
  if (stored.empty()) return false;
  if (!is_hashed(stored)) return true;
  const auto memory = parameter(stored, "$m=");
  const auto passes = parameter(stored, ",t=");
  const auto lanes = parameter(stored, ",p=");
  const auto parts = std::ranges::count(stored, '$');
  return stored.starts_with(kPrefix) && parts == 5 && memory && *memory >= 8 && *memory <= kMostMemory && passes &&
         *passes >= 1 && *passes <= kMostPasses && lanes && *lanes >= 1 && *lanes <= kMostLanes;
}

std::string hash_password(std::string_view password) {
  std::array<unsigned char, kSaltBytes> salt{};
  RAND_bytes(salt.data(), static_cast<int>(salt.size()));
  std::array<char, 256> out{};
  const int error = argon2id_hash_encoded(kPasses, kMemory, kLanes, password.data(), password.size(), salt.data(),
                                          salt.size(), kHashBytes, out.data(), out.size());
  return error == ARGON2_OK ? out.data() : "";
}

bool is_password(std::string_view password, const std::string& stored) {
  if (is_hashed(stored)) return argon2id_verify(stored.c_str(), password.data(), password.size()) == ARGON2_OK;
  const Digest a = digest(password);
  const Digest b = digest(stored);
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sluice::access
