#include "stream/view.hpp"

#include <gtest/gtest.h>

namespace sluice::stream {
namespace {

media::Tracks three() {
  media::Tracks tracks(3);
  tracks[0].id = "v1";
  tracks[1].id = "a1";
  tracks[2].id = "a2";
  return tracks;
}

TEST(View, KeepsTheOrderThatWasAskedFor) {
  const auto view = View::parse("a2v1");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->select(three()), (std::vector<std::uint32_t>{2, 0}));
  EXPECT_EQ(selector(three(), view->select(three())), "a2v1");
}

TEST(View, LeavesOutWhatIsNotThereOrTwice) {
  EXPECT_EQ(View::parse("v9a1a1")->select(three()), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(View{}.select(three()), (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(View, RefusesWhatIsNoSelector) {
  for (const char* bad : {"", "v", "v1 a1", "x1", "1v", "v11111", "v1a", "V1"}) EXPECT_FALSE(View::parse(bad)) << bad;
  EXPECT_FALSE(View::parse(std::string(1000, 'v')));
}

}  // namespace
}  // namespace sluice::stream
