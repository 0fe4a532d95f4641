#include "core/base64.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

// RFC 4648 section 10.
TEST(Base64, AsTheStandardsExamples) {
  constexpr std::string_view kText = "foobar";
  const char* encoded[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"};
  for (std::size_t n = 0; n <= kText.size(); ++n) {
    EXPECT_EQ(base64_encode(kText.substr(0, n)), encoded[n]);
    EXPECT_EQ(base64_decode(encoded[n]), kText.substr(0, n));
  }
  EXPECT_EQ(base64_decode("Zg=="), "f");
  EXPECT_EQ(base64_encode("\xfb\xff"), "-_8");
  for (const char* text : {"-_8", "+/8=", " /8"}) EXPECT_EQ(base64_decode(text), "\xfb\xff") << text;
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* text : {"A", "AAAAA", "Zg===", "Z*g", "Zm=v", "Zm9v\n"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice
