#include "access/sessions.hpp"

#include <gmock/gmock.h>

namespace sluice::access {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr AdmitRequest kViewer{.name = "a/b", .proto = "hls", .ip = "127.0.0.1", .token = "t", .user_agent = "x"};

constexpr AdmitRequest with_token(std::string_view token) {
  AdmitRequest out = kViewer;
  out.token = token;
  return out;
}

/// The sessions, where these are all shards.
template <class... Shards>
std::vector<SessionStatus> all(SteadyTime now, const Shards&... shards) {
  SessionList list;
  for (const Sessions* shard : {&shards...}) {
    for (std::size_t slot = 0; slot < shard->size(); ++slot) {
      if (auto session = shard->at(slot, now)) list.add(*std::move(session));
    }
  }
  return list.take();
}

/// The viewers of all media, where these are all shards.
template <class... Shards>
std::map<std::string, std::size_t> viewers(SteadyTime now, const Shards&... shards) {
  std::map<std::string, std::size_t> out;
  for (const SessionStatus& session : all(now, shards...)) {
    if (session.info->type == SessionType::play) ++out[session.info->name];
  }
  return out;
}

std::shared_ptr<Session> serve(Sessions& sessions, const AdmitRequest& request, SteadyTime now) {
  auto session = *sessions.admit_request(request, now);
  session->served_at = now;
  return session;
}

TEST(Sessions, RequestsOfOneViewerAreOneSession) {
  Sessions sessions;
  const SteadyTime now{};
  const auto first = serve(sessions, kViewer, now);
  EXPECT_EQ(serve(sessions, kViewer, now + seconds(29)), first);
  EXPECT_NE(serve(sessions, with_token("u"), now + seconds(29)), first);
  EXPECT_THAT(viewers(now + seconds(29), sessions), ElementsAre(Pair("a/b", 2)));
}

TEST(Sessions, OfOneViewerOnSeveralShardsAreOneViewer) {
  Sessions here;
  Sessions there;
  const SteadyTime now{};
  for (Sessions* shard : {&here, &there}) serve(*shard, kViewer, now);
  serve(there, with_token("u"), now);
  const auto connection = *here.admit_connection(kViewer);
  EXPECT_THAT(viewers(now, here, there), ElementsAre(Pair("a/b", 3)));
}

TEST(Sessions, OnlyWhoIsServedIsAViewer) {
  Sessions sessions;
  const SteadyTime now{};
  (void)sessions.admit_request(kViewer, now);
  EXPECT_THAT(viewers(now, sessions), IsEmpty()) << "he was answered that there is nothing";
  serve(sessions, kViewer, now);
  (void)sessions.admit_request(kViewer, now + seconds(31));
  EXPECT_THAT(viewers(now + seconds(31), sessions), IsEmpty()) << "there was something, and now there is not";
  AdmitRequest question = kViewer;
  question.type = SessionType::api;
  question.proto = "api";
  serve(sessions, question, now);
  AdmitRequest publisher = kViewer;
  publisher.type = SessionType::publish;
  const auto published = *sessions.admit_connection(publisher);
  EXPECT_THAT(viewers(now + seconds(31), sessions), IsEmpty());
}

TEST(Sessions, ForgetsWhoStoppedAsking) {
  Sessions sessions;
  const SteadyTime now{};
  const auto first = serve(sessions, kViewer, now);
  sessions.tick(now + Sessions::kExpiry);
  EXPECT_EQ(serve(sessions, kViewer, now + Sessions::kExpiry), first);
  sessions.tick(now + 2 * Sessions::kExpiry + seconds(1));
  EXPECT_THAT(viewers(now + Sessions::kExpiry, sessions), IsEmpty());
  EXPECT_NE(serve(sessions, kViewer, now), first) << "a new session";
}

TEST(Sessions, ForgetsTheOldestInAFlood) {
  Sessions sessions;
  const SteadyTime now{};
  const auto first = serve(sessions, kViewer, now);
  const auto second = serve(sessions, with_token("u"), now);
  serve(sessions, kViewer, now);  // so that the second is the one that has not asked for longest
  for (std::size_t i = 2; i <= Sessions::kMostOfRequests; ++i) serve(sessions, with_token(std::to_string(i)), now);
  EXPECT_THAT(viewers(now, sessions), ElementsAre(Pair("a/b", Sessions::kMostOfRequests)));
  EXPECT_EQ(serve(sessions, kViewer, now), first);
  EXPECT_NE(serve(sessions, with_token("u"), now), second);
}

TEST(Sessions, HoldNoMoreOfLongTokensThanIsAllowed) {
  Sessions sessions;
  const SteadyTime now{};
  const std::string token(16'000, 't');
  for (int i = 0; i < 4000; ++i) serve(sessions, with_token(token + std::to_string(i)), now);
  const auto left = viewers(now, sessions).at("a/b");
  EXPECT_LE(left * token.size(), Sessions::kMostKeyBytes);
  EXPECT_GT((left + 1) * (token.size() + 100), Sessions::kMostKeyBytes) << "and as many as there is room for";
}

TEST(Sessions, AConnectionIsASessionAsLongAsItLives) {
  Sessions sessions;
  auto one = *sessions.admit_connection(kViewer);
  const auto two = *sessions.admit_connection(kViewer);
  EXPECT_NE(one->info().id, two->info().id);
  EXPECT_EQ(one->info().id.size(), 36u);
  EXPECT_EQ(one->info().id[14], '4');
  EXPECT_THAT(viewers({}, sessions), ElementsAre(Pair("a/b", 2)));
  one.reset();
  EXPECT_THAT(viewers({}, sessions), ElementsAre(Pair("a/b", 1)));
}

TEST(Sessions, OfOneViewerHaveOneIdEverywhereAndTogetherWhatEachShardCounted) {
  Sessions here;
  Sessions there;
  const SteadyTime now{};
  serve(here, kViewer, now)->bytes = 10;
  serve(there, kViewer, now + seconds(1))->bytes = 5;
  const auto sessions = all(now + seconds(1), here, there);
  ASSERT_EQ(sessions.size(), 1u);
  EXPECT_EQ(sessions[0].bytes, 15u);
  EXPECT_EQ(sessions[0].info->id.size(), 36u);
  EXPECT_EQ(sessions[0].info->id[14], '8') << "a UUID of our own making";
}

TEST(Sessions, WhoWasClosedIsRefusedForAWhileOnEveryShard) {
  Sessions here;
  Sessions there;
  const SteadyTime now{};
  const auto id = serve(here, kViewer, now)->info().id;
  serve(here, with_token("u"), now);
  EXPECT_FALSE(there.close(id, now)) << "it is not there";
  EXPECT_TRUE(here.close(id, now));
  there.refuse(id, now);
  EXPECT_THAT(viewers(now, here, there), ElementsAre(Pair("a/b", 1)));
  for (Sessions* shard : {&here, &there}) {
    const auto late = now + Sessions::kStaysClosed - seconds(1);
    ASSERT_FALSE(shard->admit_request(kViewer, late));
    EXPECT_EQ(shard->admit_request(kViewer, late).error(), Errc::closed);
    EXPECT_TRUE(shard->admit_request(with_token("v"), late)) << "others are not";
    shard->tick(now + Sessions::kStaysClosed);
    EXPECT_TRUE(shard->admit_request(kViewer, now + Sessions::kStaysClosed));
  }
}

TEST(Sessions, RememberOnlySoManyThatWereClosed) {
  Sessions sessions;
  const SteadyTime now{};
  const auto id = serve(sessions, kViewer, now)->info().id;
  sessions.close(id, now);
  sessions.refuse(id, now);
  for (std::size_t i = 0; i < Sessions::kMostClosed - 1; ++i) sessions.refuse(std::to_string(i), now);
  EXPECT_FALSE(sessions.admit_request(kViewer, now));
  sessions.refuse("one more", now);
  EXPECT_TRUE(sessions.admit_request(kViewer, now));
}

TEST(Sessions, ASlotIsUsedAgain) {
  Sessions sessions;
  for (int i = 0; i < 1000; ++i) (void)sessions.admit_connection(kViewer);
  EXPECT_EQ(sessions.size(), 1u);
}

}  // namespace
}  // namespace sluice::access
