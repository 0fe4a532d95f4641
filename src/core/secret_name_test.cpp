#include "core/secret_name.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(SecretName, IsKnownByItsLastPart) {
  for (const auto* name : {"token", "TOKEN", "access_token", "X-Api-Key", "edit_auth", "streamkey", "sig", "pwd"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
  for (const auto* name : {"", "name", "token_count", "keyframe", "author", "passes", "signal"}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

}  // namespace
}  // namespace sluice
