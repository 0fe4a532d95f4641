#include "load/clip.hpp"

#include <gtest/gtest.h>

#include <map>

#include "format/flv/errc.hpp"
#include "load/errc.hpp"
#include "load/test_clip.hpp"

namespace sluice::load {
namespace {

TEST(Clip, BeginsWithTheFirstKeyframe) {
  // Two pictures before a keyframe, then two GOPs of 10 pictures at 25 fps.
  const auto clip = Clip::read(test_flv({.lead = 2, .gops = 2, .gop = 10}));
  ASSERT_TRUE(clip) << clip.error().message();
  EXPECT_EQ(clip->video_frames(), 20u);
  EXPECT_EQ(clip->duration(), Ticks(20 * 3600));
  ASSERT_EQ(clip->tracks().size(), 2u);
  EXPECT_EQ(clip->tracks()[0].codec->name, "h264");
  EXPECT_EQ(clip->tracks()[1].codec->name, "aac");
}

TEST(Clip, IsRefusedWithoutKeyframe) {
  EXPECT_EQ(Clip::read(test_flv({.lead = 5, .gops = 0})).error(), Errc::no_video);
  EXPECT_EQ(Clip::read({}).error(), Errc::no_video);
  EXPECT_EQ(Clip::read(as_bytes("not an FLV file")).error(), flv::Errc::bad_header);
}

TEST(Clip, CutAnywhereIsRefusedOrShorter) {
  const Bytes whole = test_flv({.gops = 1, .gop = 5});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto clip = Clip::read(BytesView(whole).first(n));
    if (clip) EXPECT_LE(clip->video_frames(), 5u) << n;
  }
}

TEST(ClipLoop, NeverGoesBackAndLeavesNoGap) {
  const auto clip = Clip::read(test_flv({.gops = 1, .gop = 10}));
  ASSERT_TRUE(clip);
  ClipLoop loop(*clip);
  std::map<std::uint32_t, Ticks> last;  // by track
  Ticks newest{-1};
  for (int i = 0; i < 1000; ++i) {
    const auto next = loop.next();
    EXPECT_GE(next.dts, newest);
    EXPECT_GE(next.pts, next.dts);
    newest = next.dts;
    if (const auto before = last.find(next.frame.track); before != last.end()) {
      const Ticks step = next.dts - before->second;
      // 25 pictures a second exactly; 1024 samples of 48 kHz are 1920 ticks.
      EXPECT_EQ(step, next.frame.track == 0 ? Ticks(3600) : Ticks(1920)) << i;
    }
    last[next.frame.track] = next.dts;
  }
}

TEST(ClipLoop, BeginsWithAKeyframeAtZeroAndAgainAfterTheClip) {
  const auto clip = Clip::read(test_flv({.gops = 1, .gop = 10, .audio = false}));
  ASSERT_TRUE(clip);
  ClipLoop loop(*clip);
  for (int i = 0; i < 30; ++i) {
    const auto next = loop.next();
    EXPECT_EQ(next.frame.random_access, i % 10 == 0) << i;
    EXPECT_EQ(next.dts, Ticks(3600 * i));
  }
}

}  // namespace
}  // namespace sluice::load
