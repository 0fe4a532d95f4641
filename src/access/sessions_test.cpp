#include "access/sessions.hpp"

#include <gtest/gtest.h>

namespace sluice::access {
namespace {

using std::chrono::seconds;

constexpr AdmitRequest kViewer{.name = "a/b", .proto = "hls", .ip = "127.0.0.1", .token = "t", .user_agent = "x"};

TEST(Sessions, RequestsOfOneViewerAreOneSession) {
  Sessions sessions;
  const SteadyTime now{};
  const auto first = *sessions.admit_request(kViewer, now);
  first->bytes += 10;
  EXPECT_EQ(*sessions.admit_request(kViewer, now + seconds(29)), first);
  AdmitRequest other = kViewer;
  other.token = "u";
  EXPECT_NE(*sessions.admit_request(other, now), first);
  EXPECT_EQ(sessions.count("a/b"), 2u);
  EXPECT_EQ(sessions.count("a"), 0u);
  EXPECT_EQ(sessions.list().size(), 2u);
}

TEST(Sessions, ForgetsWhoStoppedAsking) {
  Sessions sessions;
  const SteadyTime now{};
  (void)sessions.admit_request(kViewer, now);
  sessions.tick(now + Sessions::kExpiry);
  EXPECT_EQ(sessions.count("a/b"), 1u);
  sessions.tick(now + Sessions::kExpiry + seconds(1));
  EXPECT_EQ(sessions.count("a/b"), 0u);
}

TEST(Sessions, AConnectionIsASessionAsLongAsItLives) {
  Sessions sessions;
  auto one = *sessions.admit_connection(kViewer, {});
  const auto two = *sessions.admit_connection(kViewer, {});
  EXPECT_NE(one->id, two->id);
  EXPECT_EQ(one->id.size(), 36u);
  EXPECT_EQ(one->id[14], '4');
  one.reset();
  EXPECT_EQ(sessions.count("a/b"), 1u);
  EXPECT_EQ(sessions.list().size(), 1u);
}

}  // namespace
}  // namespace sluice::access
