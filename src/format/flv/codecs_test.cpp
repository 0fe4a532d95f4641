#include "format/flv/codecs.hpp"

#include <gtest/gtest.h>

#include "format/flv/errc.hpp"

namespace sluice::flv {
namespace {

using enum Message::Type;

TEST(FlvCodecs, AreFoundByIdAndByCodec) {
  for (const auto& [type, id, name] : {std::tuple(video, 7u, "h264"), {audio, 10u, "aac"}, {audio, 2u, "mp3"}}) {
    const auto row = find_row(type, id);
    ASSERT_TRUE(row) << name;
    EXPECT_EQ((*row)->codec().name, name);
    EXPECT_EQ(find_row((*row)->codec()), *row);
  }
  EXPECT_EQ(find_row(*media::find_codec("klv")), nullptr);
}

TEST(FlvCodecs, AreNamedWhereTheyAreNotCarried) {
  std::set<std::string> texts;
  for (unsigned id = 0; id < 16; ++id) {
    for (const auto type : {audio, video}) {
      if (const auto row = find_row(type, id); !row) texts.insert(row.error().message());
    }
  }
  EXPECT_EQ(texts.size(), 10u + 1 + 5 + 1) << "each by its name, and the reserved ids";
}

}  // namespace
}  // namespace sluice::flv
