#include "stream/piece_cache.hpp"

#include <gtest/gtest.h>

#include "media/errc.hpp"
#include "stream/test_media.hpp"

namespace sluice::stream {
namespace {

using test::memory_of;

unsigned made = 0;

/// A piece that says what it was made of, 10,000 bytes of it.
Result<Bytes> make(const Segment& segment, std::span<const std::uint32_t> tracks, const StreamConfig&) {
  ++made;
  Bytes out(10'000, static_cast<std::byte>(segment.number));
  for (const auto track : tracks) out.push_back(static_cast<std::byte>(track));
  return out;
}

class PieceCacheTest : public testing::Test {
 protected:
  static constexpr std::array<std::uint32_t, 2> kTracks{0, 1};

  PieceCacheTest() { made = 0; }
  Body get(std::uint64_t number, const std::string& key = "ts:v1a1", Window::MakePiece with = make) {
    const auto body = cache_->get({.number = number, .duration = Ticks(90'000)}, key, kTracks, with);
    EXPECT_TRUE(body);
    return *body;
  }
  static Bytes bytes_of(const Body& body) {
    Bytes out;
    for (const Range& range : body.ranges) out.insert(out.end(), range.view().begin(), range.view().end());
    return out;
  }
  static Bytes expected(std::uint64_t number) {
    const unsigned before = made;
    auto out = *make({.number = number}, kTracks, {});
    made = before;
    return out;
  }

  Arena arena_{std::size_t{64} << 20};  // regions of 64 KiB
  std::optional<PieceCache> cache_{std::in_place, arena_, std::make_shared<const StreamConfig>()};
};

TEST_F(PieceCacheTest, MakesAPieceOnce) {
  const Body first = get(7);
  EXPECT_EQ(bytes_of(first), expected(7));
  EXPECT_EQ(made, 1u);
  EXPECT_EQ(get(7).ranges[0].memory, first.ranges[0].memory) << "the same bytes";
  EXPECT_EQ(made, 1u);
  get(7, "ts:a1");
  get(8);
  EXPECT_EQ(made, 3u);
  EXPECT_EQ(cache_->size(), 3u);
  EXPECT_GE(first.ranges[0].fd, 0) << "leaves by sendfile";
}

TEST_F(PieceCacheTest, KeepsNoFailure) {
  const auto fails = [](const Segment&, std::span<const std::uint32_t>, const StreamConfig&) -> Result<Bytes> {
    ++made;
    return fail(media::Errc::truncated);
  };
  for (unsigned i = 1; i <= 2; ++i) {
    EXPECT_FALSE(cache_->get({.number = 7}, "ts", kTracks, fails));
    EXPECT_EQ(made, i);
  }
  EXPECT_EQ(cache_->size(), 0u);
}

TEST_F(PieceCacheTest, ForgetsWithTheWindow) {
  for (std::uint64_t n = 0; n < 100; ++n) {
    get(n);
    if (n >= 3) cache_->forget_before(n - 2);
    ASSERT_LE(cache_->size(), 3u);
    ASSERT_LE(memory_of(arena_), 3 * Arena::page_up(10'002));
    ASSERT_EQ(memory_of(arena_), cache_->held_bytes());
  }
  EXPECT_EQ(made, 100u);
  cache_->forget_before(UINT64_MAX);
  EXPECT_EQ(memory_of(arena_), 0u);
  EXPECT_EQ(bytes_of(get(5)), expected(5));
}

TEST_F(PieceCacheTest, WhoSendsAPieceKeepsItAndNothingElse) {
  Body old = get(0);
  for (std::uint64_t n = 1; n < 50; ++n) {
    get(n);
    cache_->forget_before(n);
    ASSERT_LE(memory_of(arena_), 2 * Arena::page_up(10'002));
  }
  EXPECT_EQ(bytes_of(old), expected(0));
  cache_.reset();
  EXPECT_EQ(bytes_of(old), expected(0)) << "also when the view is gone";
  old = {};
  EXPECT_EQ(memory_of(arena_), 0u);
}

TEST_F(PieceCacheTest, WantsTheOldestBackWhenSlowViewersKeepTooMuch) {
  Arena large(std::size_t{4} << 30);
  cache_.emplace(large, std::make_shared<const StreamConfig>());
  std::deque<Body> held;
  for (std::uint64_t n = 0; n < 6; ++n) {
    held.push_back(get(n));
    if (n >= 3) cache_->forget_before(n - 2);
  }
  for (const Body& body : held) EXPECT_FALSE(body.recall->wanted_back());
  held.push_back(get(6));
  EXPECT_TRUE(held[0].recall->wanted_back()) << "4 are kept, and 0 to 2 are pinned";
  EXPECT_FALSE(held[1].recall->wanted_back());
  EXPECT_GT(held[0].least_rate, 0u);
  held.front().recall->on_cut();
  EXPECT_EQ(cache_->cut(), 1u);
  cache_.reset();
  held.front().recall->on_cut();
  held.clear();
  EXPECT_EQ(memory_of(large), 0u);
}

TEST_F(PieceCacheTest, WantsBackWhatItDoesNotKeep) {
  Arena large(std::size_t{4} << 30);
  cache_.emplace(large, std::make_shared<const StreamConfig>());
  std::vector<Body> held;
  for (int i = 0; i < 200; ++i) held.push_back(get(7, "ts:" + std::to_string(i)));
  const auto wanted = std::ranges::count_if(held, [](const Body& body) { return body.recall->wanted_back(); });
  EXPECT_EQ(wanted, 200 - PieceCache::kMostOfSegment - PieceCache::kMostOfSegment / 2);
  EXPECT_FALSE(held.front().recall->wanted_back()) << "it is kept";
  EXPECT_FALSE(held.back().recall->wanted_back());
  held.clear();
  cache_.reset();
}

TEST_F(PieceCacheTest, WithoutRoomAPieceLiesOnTheHeap) {
  std::vector<Body> bodies;
  for (std::uint64_t n = 0; n < 20; ++n) bodies.push_back(get(n));
  EXPECT_LE(memory_of(arena_), 64u << 10);
  for (std::uint64_t n = 0; n < 20; ++n) EXPECT_EQ(bytes_of(bodies[n]), expected(n));
  EXPECT_EQ(made, 20u);
  get(19);
  EXPECT_EQ(made, 20u);
}

TEST_F(PieceCacheTest, AnEmptyPieceTouchesNoOther) {
  const Body before = get(0);
  const auto empty = [](const Segment&, std::span<const std::uint32_t>, const StreamConfig&) -> Result<Bytes> {
    return Bytes();
  };
  get(1, "vtt", empty);
  get(2);
  cache_->forget_before(2);
  EXPECT_EQ(bytes_of(get(2)), expected(2));
  EXPECT_EQ(bytes_of(before), expected(0));
}

TEST_F(PieceCacheTest, KeepsABoundedNumberForASegment) {
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(bytes_of(get(7, "ts:" + std::to_string(i))), expected(7));
  EXPECT_EQ(cache_->size(), PieceCache::kMostOfSegment);
  get(7, "ts:0");
  EXPECT_EQ(made, 1000u) << "those that were asked for first are kept";
}

}  // namespace
}  // namespace sluice::stream
