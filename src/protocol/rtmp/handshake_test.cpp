#include "protocol/rtmp/handshake.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/rtmp/errc.hpp"
#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using namespace std::string_literals;
using namespace test;

/// The 32 bytes behind the names in the keys of client and server.
const std::string kShared =
    "\xf0\xee\xc2\x4a\x80\x68\xbe\xe8\x2e\x00\xd0\xd1\x02\x9e\x7e\x57"
    "\x6e\xec\x5d\x2d\x29\x80\x6f\xab\x93\xb8\xe6\x36\xcf\xeb\x31\xae"s;
const std::string kPlayer = "Genuine Adobe Flash Player 001";
const std::string kServer = "Genuine Adobe Flash Media Server 001";

Bytes hmac(std::string_view key, BytesView message) {
  Bytes out(32);
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
       message.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
  return out;
}

Bytes slice(BytesView in, std::size_t at, std::size_t n) { return copy(in.subspan(at, n)); }

/// Where the digest lies in the block that begins at `block`.
std::size_t digest_at(BytesView c1, std::size_t block) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < 4; ++i) sum += std::to_integer<std::size_t>(c1[block + i]);
  return block + 4 + sum % 728;
}

Bytes digest(BytesView c1, std::size_t at, std::string_view key) {
  return hmac(key, slice(c1, 0, at) + slice(c1, at + 32, c1.size() - at - 32));
}

/// C1 of a Flash player: time, version 9.0.124.2, and its digest in the block at `block`.
Bytes digest_c1(std::size_t block, unsigned seed) {
  Bytes c1 = bytes({0, 0, 0, 9, 0x80, 0, 7, 2}) + pattern(1528, seed);
  const auto at = digest_at(c1, block);
  const auto made = digest(c1, at, kPlayer);
  std::ranges::copy(made, c1.begin() + static_cast<std::ptrdiff_t>(at));
  return c1;
}

Bytes simple_c1() { return bytes({0, 0, 0, 9, 0, 0, 0, 0}) + pattern(1528); }

const Bytes kC0 = bytes({3});

TEST(ServerHandshake, EchoesASimpleClient) {
  ServerHandshake server;
  Bytes out;
  ASSERT_EQ(server.feed(kC0 + simple_c1(), out).value(), 1537u);
  ASSERT_EQ(out.size(), 1u + 1536 + 1536);
  EXPECT_EQ(out[0], std::byte{3});  // S0
  EXPECT_EQ(slice(out, 5, 4), bytes({0, 0, 0, 0})) << "zero of S1, which tells of no digest";
  EXPECT_EQ(slice(out, 1537, 1536), simple_c1()) << "S2 is the echo of C1";
  EXPECT_FALSE(server.done());

  // C2 and the first bytes of the chunk stream in one piece.
  EXPECT_EQ(server.feed(pattern(1536 + 12), out).value(), 1536u) << "what is behind C2 is not taken";
  EXPECT_TRUE(server.done());
  EXPECT_EQ(out.size(), 3073u);
  EXPECT_EQ(server.feed(pattern(5), out).value(), 0u);
}

TEST(ServerHandshake, AnswersADigestInEitherBlock) {
  for (const std::size_t block : {8u, 772u}) {
    for (const unsigned seed : {0u, 1u, 77u, 200u}) {
      const auto c1 = digest_c1(block, seed);
      ServerHandshake server;
      Bytes out;
      ASSERT_TRUE(server.feed(kC0 + c1, out));
      ASSERT_EQ(out.size(), 3073u);

      const auto s1 = slice(out, 1, 1536);
      EXPECT_GE(std::to_integer<int>(s1[4]), 3) << "clients look for digests from version 3 on";
      const auto at = digest_at(s1, block);
      EXPECT_EQ(slice(s1, at, 32), digest(s1, at, kServer));

      const auto s2 = slice(out, 1537, 1536);
      const auto key = hmac(kServer + kShared, slice(c1, digest_at(c1, block), 32));
      EXPECT_EQ(slice(s2, 1504, 32), hmac(as_text(key), slice(s2, 0, 1504)));
    }
  }
}

TEST(ServerHandshake, TakesAWrongDigestForASimpleClient) {
  auto c1 = digest_c1(8, 3);
  c1[100] ^= std::byte{1};
  ServerHandshake server;
  Bytes out;
  ASSERT_TRUE(server.feed(kC0 + c1, out));
  EXPECT_EQ(slice(out, 1537, 1536), c1);
}

TEST(ServerHandshake, AnswersItsOwnVersionAndRefusesText) {
  for (const unsigned version : {0u, 3u, 6u, 31u}) {  // 6 is RTMPE, which is not spoken: the client sees our 3
    ServerHandshake server;
    Bytes out;
    ASSERT_TRUE(server.feed(bytes({version}) + simple_c1(), out));
    EXPECT_EQ(out[0], std::byte{3});
  }
  ServerHandshake server;
  Bytes out;
  EXPECT_EQ(server.feed(copy(as_bytes("GET / HTTP/1.1\r\n")), out).error(), Errc::not_rtmp)
      << "at once, not after 1537";
  EXPECT_TRUE(out.empty());
}

TEST(ClientHandshake, SpeaksFirstAndEchoesS1) {
  ClientHandshake client;
  Bytes out;
  ASSERT_EQ(client.feed({}, out).value(), 0u);
  ASSERT_EQ(out.size(), 1537u);
  EXPECT_EQ(slice(out, 0, 9), bytes({3, 0, 0, 0, 0, 0, 0, 0, 0}));
  out.clear();

  const auto s1 = pattern(1536, 5);
  ASSERT_EQ(client.feed(kC0 + s1, out).value(), 1537u);
  EXPECT_EQ(out, s1);
  EXPECT_FALSE(client.done());
  EXPECT_EQ(client.feed(pattern(2000), out).value(), 1536u);
  EXPECT_TRUE(client.done());
}

TEST(ClientHandshake, RefusesAnotherProtocol) {
  ClientHandshake client;
  Bytes out;
  EXPECT_EQ(client.feed(copy(as_bytes("HTTP/1.1 400")), out).error(), Errc::not_rtmp);
}

RC_GTEST_PROP(Handshake, SucceedsWhateverTheCuts, ()) {
  ServerHandshake server;
  ClientHandshake client;
  Bytes to_server;
  Bytes to_client;
  RC_ASSERT(client.feed({}, to_server).has_value());
  const auto cuts =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 2000)));
  std::size_t cut = 0;
  const auto pass = [&](auto& to, Bytes& from, Bytes& answer) {
    const auto n = std::min(cuts[cut++ % cuts.size()], from.size());
    const auto taken = to.feed(BytesView(from).first(n), answer);
    RC_ASSERT(taken.has_value());
    RC_ASSERT(*taken <= n);
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(*taken));
  };
  for (int i = 0; i < 8000 && !(server.done() && client.done()); ++i) {
    pass(server, to_server, to_client);
    pass(client, to_client, to_server);
  }
  RC_ASSERT(server.done());
  RC_ASSERT(client.done());
  RC_ASSERT(to_server.empty());
  RC_ASSERT(to_client.empty());
}

}  // namespace
}  // namespace sluice::rtmp
