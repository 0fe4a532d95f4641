#include "stream/flow.hpp"

#include <gtest/gtest.h>

#include "stream/test_flow.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSecond;

/// A flow, and what a shard that follows it would have.
class FlowTest : public testing::Test {
 protected:
  void make(StreamConfig config, const FlowForm& form = test::kText, std::size_t arena = std::size_t{1} << 30,
            milliseconds allowance = milliseconds(4000)) {
    flow_.reset();
    shard_.emplace(0, arena);
    flow_ = *Flow::create(*shard_, form, std::make_shared<const StreamConfig>(std::move(config)), allowance);
    told_.clear();
    now_ = SteadyTime(seconds(100));
  }
  void begin_run(std::initializer_list<std::string_view> codecs) {
    tracks_ = test::tracks(codecs);
    std::vector<std::uint32_t> all(tracks_.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    flow_->begin_run(tracks_, all);
  }
  media::Frame frame(std::uint32_t track, std::int64_t n) {
    auto made = test::frame(tracks_[track], track, n, 100, 25);
    made.arrival = now_;
    return made;
  }
  void push(std::uint32_t track, std::int64_t n) { flow_->push(frame(track, n)); }
  /// The update, and the bytes that it adds.
  std::string take() {
    const auto update = flow_->take_update(now_);
    std::string added = bytes(edge_, update.edge);
    edge_ = update.edge;
    told_.push_back(update);
    return added;
  }
  std::string bytes(std::uint64_t from, std::uint64_t to) {
    std::string out;
    for (const Range& range : flow_->map().ranges(from, to - from)) out += as_text(range.view());
    return out;
  }
  const FlowUpdate& last() { return told_.back(); }

  std::optional<Shard> shard_;
  std::unique_ptr<Flow> flow_;
  media::Tracks tracks_;
  SteadyTime now_;
  std::uint64_t edge_ = 0;
  std::vector<FlowUpdate> told_;
};

TEST_F(FlowTest, MuxesFramesInTheOrderOfTheirArrival) {
  make({.merge_window = {.mode = MergeWindow::Mode::none}});
  EXPECT_FALSE(flow_->has_muxer());
  begin_run({"h264", "aac"});
  EXPECT_TRUE(flow_->due(now_)) << "the init";
  push(0, 0);
  push(1, 0);
  EXPECT_EQ(take(), "0k0;1k0;");
  EXPECT_EQ(as_text(*last().init), "I2;");
  EXPECT_EQ(last().init_from, 0u);
  EXPECT_EQ(last().units.size(), 2u);
  EXPECT_TRUE(last().units[0].start);
  EXPECT_FALSE(last().units[1].start) << "sound is no start where there is a picture";
  EXPECT_FALSE(flow_->dirty());
  push(0, 1);
  EXPECT_TRUE(flow_->due(now_));
  EXPECT_EQ(take(), "0 3600;");
  EXPECT_EQ(last().init, nullptr) << "as before";
  EXPECT_EQ(last().units.at(0).offset, 8u);
}

TEST_F(FlowTest, LeavesOutTracksThatTheFormOrTheViewerDoesNotTake) {
  make({});
  begin_run({"h264", "webvtt", "aac"});
  push(0, 0);
  push(1, 0);
  push(2, 0);
  EXPECT_EQ(take(), "0k0;1k0;") << "counted among its own";
  EXPECT_EQ(as_text(*last().init), "I2;");
  flow_->push({.track = 7});
  EXPECT_FALSE(flow_->dirty());

  make({});
  tracks_ = test::tracks({"h264", "aac", "aac"});
  flow_->begin_run(tracks_, {2});
  push(0, 0);
  push(1, 0);
  push(2, 0);
  edge_ = 0;
  EXPECT_EQ(take(), "0k0;");
  EXPECT_TRUE(last().units.at(0).start) << "without a picture, sound is a start";
}

TEST_F(FlowTest, LetsAudioRideOnTheNextVideoFrame) {
  make({.merge_window = {.mode = MergeWindow::Mode::video, .length = milliseconds(50)}});
  begin_run({"h264", "aac"});
  push(0, 0);
  take();
  push(1, 0);
  EXPECT_FALSE(flow_->due(now_));
  EXPECT_EQ(flow_->next_due(), now_ + milliseconds(50));
  push(1, 1);
  now_ += milliseconds(49);
  EXPECT_FALSE(flow_->due(now_));
  push(0, 1);
  EXPECT_TRUE(flow_->due(now_));
  EXPECT_EQ(take(), "1k0;1k1920;0 3600;");
  EXPECT_FALSE(flow_->next_due());

  push(1, 2);
  EXPECT_EQ(flow_->next_due(), now_ + milliseconds(50)) << "counts from its first frame";
  now_ += milliseconds(50);
  EXPECT_TRUE(flow_->due(now_));
}

TEST_F(FlowTest, SendsEveryFrameOfSoundAloneAtOnce) {
  make({.merge_window = {.mode = MergeWindow::Mode::video, .length = milliseconds(50)}});
  begin_run({"aac"});
  push(0, 0);
  take();
  push(0, 1);
  EXPECT_TRUE(flow_->due(now_));
}

TEST_F(FlowTest, SoundIsAPlaceToBeginWhereThePictureHasStopped) {
  make({.merge_window = {.mode = MergeWindow::Mode::none}});
  begin_run({"h264", "aac"});
  push(0, 0);
  for (std::int64_t n = 0; n < 250; ++n) push(1, n);
  take();
  const auto& units = last().units;
  const auto first = std::ranges::find_if(units.begin() + 1, units.end(), &FlowUnit::start);
  ASSERT_NE(first, units.end());
  EXPECT_GT(first->dts, 3 * kSecond);
  EXPECT_LT(first->dts, 3 * kSecond + kSecond / 10);
}

TEST_F(FlowTest, TellsRunningViewersOfAChangeAndGivesLaterOnesTheNewInit) {
  make({});
  begin_run({"h264", "aac"});
  push(0, 0);
  take();
  begin_run({"h264", "aac", "aac"});
  EXPECT_TRUE(flow_->due(now_)) << "no merge window holds it up";
  push(0, 25);
  EXPECT_EQ(take(), "C3;0k90000;");
  EXPECT_EQ(as_text(*last().init), "I3;");
  EXPECT_EQ(as_text(*last().change), "C3;");
  EXPECT_EQ(last().init_from, std::string("0k0;C3;").size());
  EXPECT_EQ(last().units.at(0).offset, last().init_from) << "the change belongs to no unit";
}

TEST_F(FlowTest, TellsAShardThatComesLaterEverythingThatWasTold) {
  make({});
  EXPECT_EQ(flow_->state().init, nullptr);
  begin_run({"h264", "aac"});
  push(0, 0);
  EXPECT_EQ(flow_->state().edge, 0u) << "not told yet";
  EXPECT_EQ(flow_->state().init, nullptr);
  take();
  push(1, 0);
  const auto state = flow_->state();
  EXPECT_EQ(bytes(0, state.edge), "0k0;");
  EXPECT_EQ(state.units.size(), 1u);
  EXPECT_EQ(as_text(*state.init), "I2;");
  push(0, 1);
  EXPECT_EQ(take(), "1k0;0 3600;") << "the rest comes to all";
}

TEST_F(FlowTest, Ends) {
  make({});
  begin_run({"h264"});
  push(0, 0);
  take();
  flow_->end();
  EXPECT_TRUE(flow_->due(now_));
  EXPECT_EQ(take(), "E;");
  EXPECT_TRUE(last().ended);
  flow_->end();
  EXPECT_FALSE(flow_->dirty()) << "once";
}

class FlowFloor : public FlowTest, public testing::WithParamInterface<Prepush> {};

/// The floor is a start, keeps what prepush and slow viewers need, and lets the rest go.
TEST_P(FlowFloor, KeepsWhatPrepushAndSlowViewersNeedAndNoMore) {
  const Prepush prepush = GetParam();
  make({.prepush = prepush, .merge_window = {.mode = MergeWindow::Mode::none}}, test::kBulk, std::size_t{1} << 30,
       milliseconds(2000));
  begin_run({"h264"});
  const Ticks keep = std::max(2 * kSecond, to_ticks(prepush.length));
  std::deque<FlowUnit> units;
  std::uint64_t most = 0;
  for (std::int64_t n = 0; n < 1000; ++n) {
    push(0, n);
    const auto update = flow_->take_update(now_);
    units.insert(units.end(), update.units.begin(), update.units.end());
    while (units.front().offset < update.floor) units.pop_front();
    flow_->release_to(update.floor);
    most = std::max(most, flow_->held_bytes());
    ASSERT_EQ(units.front().offset, update.floor);
    ASSERT_TRUE(units.front().start);
    ASSERT_LE(units.front().dts, std::max(units.back().dts - keep + Ticks(3600), Ticks(0)));
    ASSERT_GE(units.front().dts, units.back().dts - keep - kSecond - Ticks(3600)) << "one GOP more at most";
  }
  EXPECT_LE(most, static_cast<std::uint64_t>(to_ticks(prepush.length) > 2 * kSecond ? 5 : 3) * 25 * 120 + 2 * 4096);
  EXPECT_EQ(flow_->held_bytes(), test::memory_of(shard_->arena()));
}

INSTANTIATE_TEST_SUITE_P(Prepush, FlowFloor,
                         testing::Values(Prepush{.mode = Prepush::Mode::off}, Prepush{.mode = Prepush::Mode::gop},
                                         Prepush{.mode = Prepush::Mode::seconds, .length = seconds(4)}));

TEST_F(FlowTest, GivesNothingBackThatWasNotTold) {
  make({.merge_window = {.mode = MergeWindow::Mode::none}}, test::kText, std::size_t{1} << 30, milliseconds(1000));
  begin_run({"h264"});
  for (std::int64_t n = 0; n < 500; ++n) push(0, n);
  take();
  EXPECT_EQ(last().floor, 0u);
  EXPECT_EQ(last().units.size(), 500u);
  push(0, 500);
  take();
  EXPECT_GT(last().floor, 0u);
}

TEST_F(FlowTest, StaysWithinItsRegionHoweverFastItIs) {
  make({.prepush = {.mode = Prepush::Mode::seconds, .length = seconds(60)},
        .merge_window = {.mode = MergeWindow::Mode::none}},
       test::kBulk, std::size_t{64} << 20);  // a region of 64 KiB: five seconds of it
  begin_run({"h264"});
  for (std::int64_t n = 0; n < 3000; ++n) {
    push(0, n);
    const auto update = flow_->take_update(now_);
    ASSERT_EQ(update.units.size(), 1u) << "nothing is left out";
    flow_->release_to(update.floor);
    ASSERT_LE(flow_->held_bytes(), 40'960u);
  }
}

TEST_F(FlowTest, WithoutAnyStartItDoesNotGrowForEver) {
  make({.merge_window = {.mode = MergeWindow::Mode::none}}, test::kBulk);
  begin_run({"h264"});
  for (std::int64_t n = 1; n < 25 * 200; ++n) {
    auto one = frame(0, n);
    one.random_access = false;
    flow_->push(one);
    flow_->release_to(flow_->take_update(now_).floor);
  }
  EXPECT_LT(flow_->held_bytes(), 65u * 25 * 120);
}

TEST_F(FlowTest, ALeaseKeepsItsMemoryItsOwn) {
  make({});
  begin_run({"h264"});
  push(0, 0);
  take();
  const auto map = flow_->map();
  auto lease = flow_->lease();
  flow_.reset();
  auto next = *Flow::create(*shard_, test::kText, std::make_shared<const StreamConfig>());
  EXPECT_NE(next->map().region, map.region) << "nobody else writes there";
  EXPECT_EQ(as_text(map.ranges(0, 4)[0].view()), "0k0;");
  lease.reset();
  next.reset();
  shard_->post([this] { shard_->stop(); });
  shard_->run();
  shard_->drop_posted();
  EXPECT_EQ(test::memory_of(shard_->arena()), 0u) << "given back on the shard whose it is";
}

}  // namespace
}  // namespace sluice::stream
