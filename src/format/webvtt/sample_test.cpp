#include "format/webvtt/sample.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "format/webvtt/errc.hpp"

namespace sluice::webvtt {
namespace {

constexpr Ticks kStart(90'000), kEnd(180'000);

Cue cue(std::int64_t start, std::int64_t end, std::string text, std::string settings = {}) {
  return {Ticks(start), Ticks(end), std::move(text), std::move(settings)};
}

TEST(Sample, OfNothingIsAnEmptyCue) {
  EXPECT_EQ(as_text(write_sample({})), std::string_view("\0\0\0\x08vtte", 8));
  EXPECT_EQ(read_sample(write_sample({}), kStart, kEnd), std::vector<Cue>{});
}

TEST(Sample, HoldsABoxForEachCue) {
  const std::vector<Cue> cues{cue(90'000, 180'000, "Hi"), cue(90'000, 180'000, "Ho", "line:1")};
  const std::string_view expected(
      "\0\0\0\x12vttc"  // 18: a cue of one child
      "\0\0\0\x0apaylHi"
      "\0\0\0\x20vttc"  // 32
      "\0\0\0\x0esttgline:1"
      "\0\0\0\x0apaylHo",
      50);
  const auto payload = write_sample(cues);
  EXPECT_EQ(as_text(payload), expected);
  EXPECT_EQ(read_sample(payload, kStart, kEnd), cues);
}

TEST(Sample, SkipsWhatItDoesNotKnow) {
  const std::string_view payload(
      "\0\0\0\x0avttaxx"  // additional text: a comment
      "\0\0\0\x1evttc"    // 30
      "\0\0\0\x0cvsid\0\0\0\x07"
      "\0\0\0\x0apaylHi",
      40);
  EXPECT_EQ(read_sample(as_bytes(payload), kStart, kEnd), std::vector{cue(90'000, 180'000, "Hi")});
}

TEST(Sample, RefusesEveryPrefixThatEndsInABox) {
  const std::vector cues{cue(90'000, 180'000, "Hello", "line:1")};
  const auto payload = write_sample(cues);
  for (std::size_t n = 1; n < payload.size(); ++n) {
    EXPECT_EQ(read_sample(BytesView(payload).first(n), kStart, kEnd).error(), Errc::truncated) << n;
  }
  const auto short_box = as_bytes(std::string_view("\0\0\0\x07vttc", 8));
  EXPECT_EQ(read_sample(short_box, kStart, kEnd).error(), Errc::bad_box);
  const auto long_child = as_bytes(std::string_view("\0\0\0\x10vttc\0\0\0\x09payl", 16));
  EXPECT_EQ(read_sample(long_child, kStart, kEnd).error(), Errc::bad_box);
}

TEST(Sample, BoundsItsCues) {
  const std::vector<Cue> many(257, cue(90'000, 180'000, "x"));
  EXPECT_EQ(read_sample(write_sample(many), kStart, kEnd).error(), Errc::too_many);
}

TEST(CutSamples, CoverTheTimeWithOverlapsAndGaps) {
  // a: 10..30, b: 20..40, nothing 40..50
  const std::vector<Cue> cues{cue(10, 30, "a"), cue(20, 40, "b")};
  const auto samples = cut_samples(cues, Ticks(0), Ticks(50));
  ASSERT_EQ(samples.size(), 5u);
  const std::vector<std::string> expected{"", "a", "ab", "b", ""};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::string shown;
    for (const Cue& c : *read_sample(samples[i].payload, samples[i].start, samples[i].end)) shown += c.text;
    EXPECT_EQ(shown, expected[i]);
    EXPECT_EQ(samples[i].start, Ticks(10 * static_cast<int>(i)));
    EXPECT_EQ(samples[i].end, Ticks(10 * static_cast<int>(i) + 10));
  }
  EXPECT_TRUE(cut_samples(cues, Ticks(50), Ticks(50)).empty());
}

Cue generated_cue() {
  const auto start = *rc::gen::inRange(0, 100);
  return cue(start, start + *rc::gen::inRange(1, 60), *rc::gen::element<std::string>("a", "b", "c"));
}

// What is on the screen at each instant, as a reference that knows no samples.
std::vector<std::string> screens(std::span<const Cue> cues, std::int64_t to) {
  std::vector<std::string> out;
  for (std::int64_t t = 0; t < to; ++t) {
    std::string shown;
    for (const Cue& c : cues) {
      if (c.start.count() <= t && t < c.end.count()) shown += c.text;
    }
    std::ranges::sort(shown);
    out.push_back(shown);
  }
  return out;
}

RC_GTEST_PROP(CutSamples, ReadBackShowsTheSame, ()) {
  std::vector<Cue> cues;
  for (int i = *rc::gen::inRange(0, 8); i > 0; --i) cues.push_back(generated_cue());
  std::vector<Cue> pieces;
  Ticks at(0);
  for (const auto& sample : cut_samples(cues, Ticks(0), Ticks(160))) {
    RC_ASSERT(sample.start == at && sample.end > at);
    at = sample.end;
    for (auto& piece : *read_sample(sample.payload, sample.start, sample.end)) pieces.push_back(std::move(piece));
  }
  RC_ASSERT(at == Ticks(160));
  const auto joined = join_cues(pieces);
  RC_ASSERT(screens(joined, 160) == screens(cues, 160));
  RC_ASSERT(joined.size() <= cues.size());
}

TEST(JoinCues, KeepsApartWhatDiffers) {
  const std::vector<Cue> cues{cue(0, 10, "a"), cue(10, 20, "a"), cue(20, 30, "b"), cue(30, 40, "b", "line:1"),
                              cue(41, 50, "b", "line:1")};
  EXPECT_EQ(join_cues(cues), (std::vector<Cue>{cue(0, 20, "a"), cue(20, 30, "b"), cue(30, 40, "b", "line:1"),
                                               cue(41, 50, "b", "line:1")}));
}

}  // namespace
}  // namespace sluice::webvtt
