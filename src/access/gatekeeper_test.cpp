#include "access/gatekeeper.hpp"

#include <gtest/gtest.h>

#include "access/password.hpp"
#include "core/base64.hpp"
#include "core/shard.hpp"

namespace sluice::access {
namespace {

using std::chrono::seconds;
using Verdict = std::expected<Rights, Gatekeeper::Refusal>;

/// Asks a gatekeeper on a shard of its own.
class Gate {
 public:
  explicit Gate(ApiAccess access) : access_(std::make_shared<const ApiAccess>(std::move(access))) {}

  /// What each of `requests` gets, one after the other.
  std::vector<Verdict> ask(const std::vector<net::HttpRequest>& requests) {
    Shard shard(0, 1 << 20);
    TaskScope scope;
    Worker worker;
    Gatekeeper keeper(access_, worker);
    std::vector<Verdict> out;
    shard.post([&] {
      scope.spawn([](Shard& on, Gatekeeper& gate, const std::vector<net::HttpRequest>& all,
                     std::vector<Verdict>& into) -> Task<void> {
        for (const auto& request : all) into.push_back(co_await gate.rights_of(request));
        on.stop();
      }(shard, keeper, requests, out));
    });
    shard.run();
    return out;
  }
  Verdict ask(const net::HttpRequest& request) { return ask(std::vector{request}).front(); }

 private:
  std::shared_ptr<const ApiAccess> access_;
};

const net::HttpRequest kStranger{.host = "tv.example.com", .peer = "203.0.113.9"};
const net::HttpRequest kOwner{.host = "localhost:8080", .peer = "127.0.0.1"};

net::HttpRequest with(net::HttpRequest request, const std::string& authorization) {
  request.authorization = authorization;
  return request;
}
std::string basic(std::string_view text) { return "Basic " + base64_encode(text); }

const std::string kRight = basic("admin:s3cret");
const std::string kViewer = basic("guest:look");
const std::string kWrong = basic("admin:guess");

TEST(Gatekeeper, OutOfTheBoxTheServerIsItsOwners) {
  Gate gate({});
  EXPECT_EQ(gate.ask(kOwner), Rights::edit);
  EXPECT_EQ(gate.ask({.host = "[::1]:80", .peer = "::1"}), Rights::edit);
  EXPECT_EQ(gate.ask({.host = "127.0.0.1", .origin = "http://127.0.0.1", .peer = "127.0.0.1"}), Rights::edit);
  EXPECT_EQ(gate.ask(kStranger), Rights::none);
  EXPECT_EQ(gate.ask(with(kStranger, basic(":"))), Rights::none);
}

TEST(Gatekeeper, WhoPassesForTheOwnerIsNotHim) {
  Gate gate({});
  EXPECT_EQ(gate.ask({.host = "localhost", .origin = "https://evil.example", .peer = "127.0.0.1"}), Rights::none)
      << "a web page in his browser";
  EXPECT_EQ(gate.ask({.host = "evil.example", .peer = "127.0.0.1"}), Rights::none) << "whose name points here";
  EXPECT_EQ(gate.ask({.host = "localhost", .forwarded = true, .peer = "127.0.0.1"}), Rights::none) << "a proxy";
  EXPECT_EQ(gate.ask({.host = "localhost", .origin = "null", .peer = "127.0.0.1"}), Rights::none);
  EXPECT_EQ(gate.ask({.host = "localhost", .peer = "203.0.113.9"}), Rights::none);
  EXPECT_EQ(gate.ask({.host = "", .peer = "127.0.0.1"}), Rights::none);
}

TEST(Gatekeeper, ALoginCountsFromEverywhere) {
  Gate gate({.view_auth = Login{"guest", "look"}, .edit_auth = Login{"admin", "s3cret"}, .api_allowed_from = {}});
  EXPECT_EQ(gate.ask(with(kStranger, kRight)), Rights::edit);
  EXPECT_EQ(gate.ask(with(kStranger, "bearer " + base64_encode("admin:s3cret"))), Rights::edit);
  EXPECT_EQ(gate.ask(with(kStranger, kViewer)), Rights::view);
  EXPECT_EQ(gate.ask(kOwner), Rights::none) << "who has set a password wants it to be given";
  for (const auto& bad : {kWrong, basic("admin"), basic("guest:s3cret"), basic("Admin:s3cret"), basic("admin:s3cret "),
                          std::string("Basic"), std::string("Digest x"), std::string("Basic !"), basic(":")}) {
    EXPECT_EQ(gate.ask(with(kStranger, bad)), Rights::none) << bad;
  }
}

TEST(Gatekeeper, APageOfOthersCannotUseTheLoginThatABrowserKnows) {
  Gate gate({.view_auth = {}, .edit_auth = Login{"admin", "s3cret"}, .api_allowed_from = {}});
  const std::string bearer = "Bearer " + base64_encode("admin:s3cret");
  const auto ask = [&](std::string_view origin, bool cross_site, std::string_view login) {
    return gate.ask({.host = "media.example",
                     .origin = origin,
                     .authorization = login,
                     .cross_site = cross_site,
                     .peer = "203.0.113.9"});
  };
  EXPECT_EQ(ask("https://media.example", false, kRight), Rights::edit) << "the console";
  EXPECT_EQ(ask("https://evil.example", false, kRight), Rights::view);
  EXPECT_EQ(ask("null", false, kRight), Rights::view);
  EXPECT_EQ(ask("", true, kRight), Rights::view) << "a picture whose address is that of an action";
  EXPECT_EQ(ask("https://panel.example", true, bearer), Rights::edit) << "which a browser adds by nobody's order";
}

TEST(Gatekeeper, AHashedPasswordIsAsGood) {
  const std::string hash = hash_password("s3cret");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_NE(hash, hash_password("s3cret")) << "each has its own salt";
  EXPECT_TRUE(is_usable(hash));
  Gate gate({.view_auth = {}, .edit_auth = Login{"admin", hash}, .api_allowed_from = {}});
  EXPECT_EQ(gate.ask(with(kStranger, kRight)), Rights::edit);
  EXPECT_EQ(gate.ask(with(kStranger, kWrong)), Rights::none);
  EXPECT_EQ(gate.ask(with(kStranger, basic("admin:" + hash))), Rights::none) << "who has read the config knows nothing";
}

TEST(Gatekeeper, AHashCostsItsPriceOnce) {
  Gate gate({.view_auth = {}, .edit_auth = Login{"admin", hash_password("s3cret")}, .api_allowed_from = {}});
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(gate.ask(with(kStranger, kRight)), Rights::edit);
  const auto once = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(gate.ask(std::vector(500, with(kStranger, kRight))).back(), Rights::edit);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 50 * once) << "not 500 times";
}

TEST(Gatekeeper, TryingPasswordsLeadsNowhere) {
  Gate gate({.view_auth = {}, .edit_auth = Login{"admin", "s3cret"}, .api_allowed_from = {}});
  std::vector<net::HttpRequest> requests(FailedLogins::kMostFailures, with(kStranger, kWrong));
  requests.push_back(with(kStranger, kRight));
  net::HttpRequest other = with(kStranger, kRight);
  other.peer = "203.0.113.10";
  requests.push_back(other);
  const auto verdicts = gate.ask(requests);
  EXPECT_EQ(verdicts[FailedLogins::kMostFailures - 1], Rights::none);
  EXPECT_EQ(verdicts[FailedLogins::kMostFailures], std::unexpected(Gatekeeper::Refusal::must_wait));
  EXPECT_EQ(verdicts.back(), Rights::edit) << "others are not kept out";
}

TEST(Gatekeeper, OnlyFailuresInARowMakeOneWait) {
  FailedLogins failed;
  const auto one = *parse_address("192.0.2.1");
  for (int round = 0; round < 3; ++round) {
    for (unsigned i = 1; i < FailedLogins::kMostFailures; ++i) failed.add(one, {});
    EXPECT_FALSE(failed.must_wait(one, {}));
    failed.forget(one);
  }
}

TEST(Gatekeeper, OnlyFromWhereItIsAllowed) {
  Gate gate({.view_auth = {}, .edit_auth = Login{"admin", "s3cret"}, .api_allowed_from = {*Network::parse("10/8")}});
  net::HttpRequest inside = with(kStranger, kRight);
  inside.peer = "10.1.2.3";
  EXPECT_EQ(gate.ask(inside), Rights::edit);
  EXPECT_EQ(gate.ask(with(kStranger, kRight)), std::unexpected(Gatekeeper::Refusal::not_allowed_from));
}

TEST(FailedLogins, AreForgottenAndBounded) {
  FailedLogins failed;
  const SteadyTime now = SteadyTime{} + seconds(1000);
  const auto one = *parse_address("2001:db8::1");
  for (unsigned i = 0; i < FailedLogins::kMostFailures; ++i) failed.add(one, now);
  EXPECT_TRUE(failed.must_wait(one, now + seconds(59)));
  EXPECT_TRUE(failed.must_wait(*parse_address("2001:db8::2"), now)) << "the same /64";
  EXPECT_FALSE(failed.must_wait(*parse_address("2001:db8:0:1::1"), now));
  EXPECT_FALSE(failed.must_wait(one, now + FailedLogins::kForgottenAfter));
  for (std::uint32_t i = 0; i < FailedLogins::kMostAddresses; ++i) {
    Address address = *parse_address("10.0.0.0");
    address[14] = static_cast<std::uint8_t>(i >> 8);
    address[15] = static_cast<std::uint8_t>(i);
    failed.add(address, now);
  }
  EXPECT_FALSE(failed.must_wait(one, now)) << "the oldest is forgotten";
}

TEST(Password, ThatNobodyCouldCheckIsNotTaken) {
  EXPECT_TRUE(is_usable("plain"));
  EXPECT_TRUE(is_usable("$2y$10$something")) << "a plain password that looks odd";
  for (const char* text : {"", "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaA", "$argon2i$v=19$m=64,t=2,p=1$a$b",
                           "$argon2id$v=19$m=64,t=99,p=1$a$b", "$argon2id$v=19$m=64,t=2,p=1$a", "$argon2id$"}) {
    EXPECT_FALSE(is_usable(text)) << text;
  }
  EXPECT_FALSE(is_password("x", "$argon2id$v=19$m=64,t=2,p=1$a$b"));
}

}  // namespace
}  // namespace sluice::access
