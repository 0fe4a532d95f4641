#include "access/network.hpp"

#include <gtest/gtest.h>

namespace sluice::access {
namespace {

bool holds(std::string_view network, std::string_view address) {
  return Network::parse(network)->contains(*parse_address(address));
}

TEST(Network, HoldsItsAddresses) {
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(holds("192.168.1.128/25", "192.168.1.200"));
  EXPECT_FALSE(holds("192.168.1.128/25", "192.168.1.100"));
  EXPECT_TRUE(holds("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(holds("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(holds("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1")) << "all of IPv4 is not all";
  EXPECT_TRUE(holds("::/0", "8.8.8.8"));
  EXPECT_TRUE(holds("2001:db8::/32", "2001:db8:1::5"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::5"));
  EXPECT_TRUE(holds("10.0.0.0/8", "::ffff:10.1.2.3")) << "the same address in another dress";
}

TEST(Network, HasShortForms) {
  EXPECT_EQ(Network::parse("172.16/12")->print(), "172.16.0.0/12");
  EXPECT_EQ(Network::parse("10.10/16")->print(), "10.10.0.0/16");
  EXPECT_EQ(Network::parse("10")->print(), "10.0.0.0/8");
  EXPECT_EQ(Network::parse("::1")->print(), "::1/128");
  EXPECT_EQ(Network::parse("0.0.0.0/0")->print(), "0.0.0.0/0");
}

TEST(Network, RefusesEverythingElse) {
  for (const char* text : {"", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.256", "1.2.3.4.5", "::/129",
                           "localhost", "10.0.0.0/8 ", "10..0"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

TEST(Network, KnowsThisMachine) {
  EXPECT_TRUE(is_loopback(*parse_address("127.0.0.1")));
  EXPECT_TRUE(is_loopback(*parse_address("127.8.0.1")));
  EXPECT_TRUE(is_loopback(*parse_address("::1")));
  EXPECT_TRUE(is_loopback(*parse_address("::ffff:127.0.0.1")));
  EXPECT_FALSE(is_loopback(*parse_address("128.0.0.1")));
  EXPECT_FALSE(is_loopback(*parse_address("::2")));
}

}  // namespace
}  // namespace sluice::access
