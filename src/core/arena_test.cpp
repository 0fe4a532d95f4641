#include "core/arena.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <string>

namespace sluice {
namespace {

std::string text_of(const std::array<Range, 2>& ranges) {
  return std::string(as_text(ranges[0].view())) + std::string(as_text(ranges[1].view()));
}

std::uint64_t memory_of(const Arena& arena) {
  struct stat st{};
  ::fstat(arena.fd(), &st);
  return static_cast<std::uint64_t>(st.st_blocks) * 512;
}

TEST(ByteLog, GivesBackThePagesBehindTheFloor) {
  Arena arena(std::size_t{64} << 20);  // regions of 64 KiB
  auto log = ByteLog::create(arena).value();
  const std::string chunk(10'000, 'x');
  ASSERT_TRUE(log.append(as_bytes(chunk)));
  log.begin_page();
  const auto second = log.end();
  EXPECT_EQ(second % Arena::kPage, 0u);
  ASSERT_TRUE(log.append(as_bytes("second")));
  EXPECT_EQ(memory_of(arena), 4 * Arena::kPage);
  log.release_to(second);
  EXPECT_EQ(memory_of(arena), Arena::kPage);
  EXPECT_EQ(log.held(), Arena::kPage);
  EXPECT_EQ(text_of(log.ranges(second, 6)), "second");
}

TEST(ByteLog, RefusesWhatDoesNotFit) {
  Arena arena(std::size_t{64} << 20);
  auto log = ByteLog::create(arena).value();
  EXPECT_FALSE(log.append(Bytes(arena.region_bytes() + 1)));
  EXPECT_TRUE(log.append(Bytes(arena.region_bytes())));
  EXPECT_FALSE(log.append(Bytes(1)));
}

TEST(Arena, GivesARegionToTheNextLog) {
  Arena arena(std::size_t{64} << 20);
  {
    auto log = ByteLog::create(arena).value();
    ASSERT_TRUE(log.append(Bytes(50'000)));
  }
  EXPECT_EQ(memory_of(arena), 0u);
  auto log = ByteLog::create(arena).value();
  ASSERT_TRUE(log.append(as_bytes("again")));
  EXPECT_EQ(text_of(log.ranges(0, 5)), "again");
}

RC_GTEST_PROP(ByteLog, ReadsBackWhatWasAppendedOverManyTurnsOfTheRegion, (std::vector<std::uint16_t> sizes)) {
  Arena arena(std::size_t{16} << 20);  // regions of 16 KiB
  auto log = ByteLog::create(arena).value();
  std::string model;
  std::uint64_t base = 0;  // log offset of model[0]
  char next = 'a';
  for (const auto size : sizes) {
    const std::string chunk(size % 5000, next = next == 'z' ? 'a' : static_cast<char>(next + 1));
    if (chunk.size() > log.room()) {
      base = log.end() - std::min<std::uint64_t>(1000, model.size());
      model = model.substr(model.size() - (log.end() - base));
      log.release_to(base);
    }
    RC_ASSERT(log.append(as_bytes(chunk)));
    model += chunk;
    RC_ASSERT(text_of(log.ranges(base, model.size())) == model);
  }
}

}  // namespace
}  // namespace sluice
