#include "protocol/rtmp/handshake.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>

#include "core/assert.hpp"
#include "protocol/rtmp/errc.hpp"

namespace sluice::rtmp {
namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t kVersion = 3;
constexpr std::size_t kDigestBytes = 32;
using Digest = std::array<std::byte, kDigestBytes>;

// The keys of the digest handshake: a name, and 32 bytes that both share. The digest of C1 and S1 is made with the name
// alone, that of C2 and S2 with name and bytes.
constexpr std::string_view kClientKey = "Genuine Adobe Flash Player 001";
constexpr std::string_view kServerName = "Genuine Adobe Flash Media Server 001";
constexpr std::string_view kServerKey =
    "Genuine Adobe Flash Media Server 001"
    "\xf0\xee\xc2\x4a\x80\x68\xbe\xe8\x2e\x00\xd0\xd1\x02\x9e\x7e\x57"
    "\x6e\xec\x5d\x2d\x29\x80\x6f\xab\x93\xb8\xe6\x36\xcf\xeb\x31\xae"sv;

Digest hmac_sha256(BytesView key, BytesView message) {
  Digest digest;
  const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                          reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  SLUICE_ASSERT(made != nullptr, "HMAC-SHA256 is not available");
  return digest;
}

/// Appends `n` random bytes.
void append_random(Bytes& out, std::size_t n) {
  const auto at = out.size();
  out.resize(at + n);
  const int made = RAND_bytes(reinterpret_cast<unsigned char*>(out.data() + at), static_cast<int>(n));
  SLUICE_ASSERT(made == 1, "no random numbers");
}

// C1 and S1 with a digest: time (4), version (4), then two blocks of 764 bytes, one with a public key and one with the
// digest, in either order. The block of the digest:
//
//   | offset (4) | random (offset) | digest (32) | random |
//
// where `offset` is the sum of its four bytes modulo 728.
constexpr std::size_t kDigestBlocks[] = {8, 772};

std::size_t digest_at(BytesView c1, std::size_t block) {
  const auto offset = c1.subspan(block, 4);
  const auto sum = std::accumulate(offset.begin(), offset.end(), std::size_t{0},
                                   [](std::size_t s, std::byte b) { return s + std::to_integer<std::size_t>(b); });
  return block + 4 + sum % 728;
}

/// The digest of C1 or S1: over all of it but the digest's own bytes.
Digest digest_of(BytesView c1, std::size_t at, std::string_view key) {
  Bytes rest(c1.begin(), c1.begin() + static_cast<std::ptrdiff_t>(at));
  const auto tail = c1.subspan(at + kDigestBytes);
  rest.insert(rest.end(), tail.begin(), tail.end());
  return hmac_sha256(as_bytes(key), rest);
}

/// The block of C1 that holds a valid digest, or nothing for a client of the simple handshake.
std::optional<std::size_t> find_digest_block(BytesView c1) {
  for (const auto block : kDigestBlocks) {
    const auto at = digest_at(c1, block);
    if (std::ranges::equal(digest_of(c1, at, kClientKey), c1.subspan(at, kDigestBytes))) return block;
  }
  return std::nullopt;
}

/// S1 and S2 for a client of the simple handshake: S2 is the echo of C1.
void answer_simple(BytesView c1, Bytes& out) {
  ByteWriter w(out);
  w.be32(0);  // time: ours counts from here
  w.be32(0);  // zero
  append_random(out, kHandshakeBytes - 8);
  w.bytes(c1);
}

void answer_digest(BytesView c1, std::size_t block, Bytes& out) {
  ByteWriter w(out);
  const auto s1_at = out.size();
  w.be32(0);              // time
  w.be32(0x04'05'00'01);  // version; from 3.0 on a client expects digests
  append_random(out, kHandshakeBytes - 8);
  const auto s1 = std::span(out).subspan(s1_at);
  const auto at = digest_at(s1, block);
  std::ranges::copy(digest_of(s1, at, kServerName), s1.begin() + static_cast<std::ptrdiff_t>(at));

  const auto s2_at = out.size();
  append_random(out, kHandshakeBytes - kDigestBytes);
  const auto key = hmac_sha256(as_bytes(kServerKey), c1.subspan(digest_at(c1, block), kDigestBytes));
  w.bytes(hmac_sha256(key, Bytes(out.begin() + static_cast<std::ptrdiff_t>(s2_at), out.end())));
}

/// Moves the front of `in` to `gathered` until that has `size` bytes; true when it has.
bool gather(BytesView& in, Bytes& gathered, std::size_t size) {
  const auto n = std::min(size - gathered.size(), in.size());
  gathered.insert(gathered.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(n));
  in = in.subspan(n);
  return gathered.size() == size;
}

void pass_over(BytesView& in, std::size_t& left) {
  const auto n = std::min(left, in.size());
  left -= n;
  in = in.subspan(n);
}

}  // namespace

Result<std::size_t> ServerHandshake::feed(BytesView in, Bytes& out) {
  const auto offered = in.size();
  if (!answered_) {
    if (c0_c1_.empty()) c0_c1_.reserve(1 + kHandshakeBytes);
    const bool here = gather(in, c0_c1_, 1 + kHandshakeBytes);
    // Section 5.2.2: 32 and above tells RTMP from text protocols; below it, the answer is the version we speak.
    if (!c0_c1_.empty() && c0_c1_[0] >= std::byte{32}) return fail(Errc::not_rtmp);
    if (!here) return offered;

    const auto c1 = BytesView(c0_c1_).subspan(1);
    ByteWriter(out).u8(kVersion);
    if (const auto block = find_digest_block(c1)) {
      answer_digest(c1, *block, out);
    } else {
      answer_simple(c1, out);
    }
    c0_c1_ = {};
    answered_ = true;
  }
  pass_over(in, c2_left_);
  return offered - in.size();
}

Result<std::size_t> ClientHandshake::feed(BytesView in, Bytes& out) {
  const auto offered = in.size();
  ByteWriter w(out);
  if (!begun_) {
    begun_ = true;
    w.u8(kVersion);
    w.be32(0);  // time
    w.be32(0);  // zero
    append_random(out, kHandshakeBytes - 8);
  }
  if (!answered_) {
    const bool here = gather(in, s0_s1_, 1 + kHandshakeBytes);
    if (!s0_s1_.empty() && s0_s1_[0] != std::byte{kVersion}) return fail(Errc::not_rtmp);
    if (!here) return offered;
    w.bytes(BytesView(s0_s1_).subspan(1));
    s0_s1_ = {};
    answered_ = true;
  }
  pass_over(in, s2_left_);
  return offered - in.size();
}

}  // namespace sluice::rtmp
