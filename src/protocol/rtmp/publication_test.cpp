#include "protocol/rtmp/publication.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/hex.hpp"
#include "core/shard.hpp"

namespace sluice::rtmp {
namespace {

using namespace std::chrono_literals;
using enum flv::Message::Type;

// AVC sequence headers of two encoder runs (320x180 and 320x240), AAC sequence headers of 44.1 and 48 kHz.
constexpr std::string_view kVideo =
    "17 00 000000 0142c00cff e1 0017 6742c00cda05067e7c0440000003004000000c83c50aa8 01 0004 68ce0fc8";
constexpr std::string_view kOtherVideo =
    "17 00 000000 014d400cff e1 0018 674d400ceca0a0cfcf808800030008000003019078a14cb0 01 0004 68ef8fc8";
constexpr std::string_view kAudio = "af 00 1210";
constexpr std::string_view kOtherAudio = "af 00 1190";
constexpr std::string_view kKey = "17 01 000000 00000004 65888404";
constexpr std::string_view kPicture = "27 01 000000 00000004 419a236c";
constexpr std::string_view kSound = "af 01 21";

/// Writes down what a stream would get: "[va]" for tracks, "V0" for a picture at 0 ms, "a20" for a sound.
class Record final : public stream::Feed {
 public:
  explicit Record(std::string& out) : out_(out) {}
  void set_tracks(media::Tracks tracks) override {
    tracks_ = std::move(tracks);
    out_ += '[';
    for (const media::Track& track : tracks_) out_ += track.id[0];
    out_ += "] ";
  }
  void push(media::Frame frame) override {
    const bool video = tracks_.at(frame.track).content() == media::Content::video;
    EXPECT_EQ(video, frame.payload.size() > 4) << "a frame of its own track";
    out_ += video ? frame.random_access ? 'V' : 'v' : 'a';
    out_ += std::to_string(frame.dts.count() / 90) + " ";
  }
  void flush() override {}
  [[nodiscard]] SteadyTime next_read() const override { return SteadyTime::min(); }
  [[nodiscard]] bool closed() const override { return false; }
  Event& on_closed() override { return event_; }

 private:
  std::string& out_;
  media::Tracks tracks_;
  Event event_;
};

class PublicationTest : public testing::Test {
 protected:
  /// A message at that stamp, which arrives then.
  void send(flv::Message::Type type, std::uint32_t ms, std::string_view hex) {
    EXPECT_TRUE(publication_.take({.type = type, .timestamp = ms, .body = Payload::own(from_hex(hex))},
                                  SteadyTime(1h) + std::chrono::milliseconds(ms)));
  }
  void begin() {
    send(video, 0, kVideo);
    send(audio, 0, kAudio);
    send(video, 0, kKey);
    send(audio, 10, kSound);
    EXPECT_EQ(taken(), "[va] V0 a10 ");
  }
  std::string taken() { return std::exchange(out_, {}); }

  std::string out_;
  Publication publication_{std::make_unique<Record>(out_)};
};

TEST_F(PublicationTest, BeginsWhenAllTracksAreKnown) {
  send(video, 0, kVideo);
  send(video, 0, kKey);
  EXPECT_EQ(taken(), "");
  send(audio, 0, kAudio);
  EXPECT_EQ(taken(), "[va] V0 ");
  send(audio, 10, kSound);
  EXPECT_EQ(taken(), "a10 ");
}

TEST_F(PublicationTest, FramesThatWaitStayThoseOfTheirTrack) {
  send(audio, 0, kAudio);
  send(audio, 10, kSound);
  send(video, 20, kVideo);
  send(video, 20, kKey);
  EXPECT_EQ(taken(), "[va] a10 V20 ");
}

TEST_F(PublicationTest, BeginsWithoutATrackThatDoesNotCome) {
  send(video, 0, kVideo);
  send(video, 0, kKey);
  send(video, 400, kPicture);
  EXPECT_EQ(taken(), "");
  send(video, 500, kPicture);
  EXPECT_EQ(taken(), "[v] V0 v400 v500 ");
}

TEST_F(PublicationTest, TracksThatChangeTogetherChangeOnce) {
  begin();
  send(video, 40, kOtherVideo);
  send(video, 40, kKey);
  EXPECT_EQ(taken(), "") << "the sound may change too";
  send(audio, 41, kOtherAudio);
  EXPECT_EQ(taken(), "[va] V40 ");
  send(audio, 41, kSound);
  send(video, 80, kPicture);
  EXPECT_EQ(taken(), "a41 v80 ");
}

TEST_F(PublicationTest, SoundThatComesLaterThanThePictureStaysWithWhatItWas) {
  begin();
  send(video, 40, kOtherVideo);
  send(video, 40, kKey);
  send(audio, 31, kSound);
  send(video, 80, kPicture);
  send(audio, 52, kSound);
  EXPECT_EQ(taken(), "");
  send(audio, 73, kOtherAudio);
  EXPECT_EQ(taken(), "a31 a52 [va] V40 v80 ");
  send(audio, 73, kSound);
  EXPECT_EQ(taken(), "a73 ");
}

TEST_F(PublicationTest, AndSoDoPicturesThatComeLaterThanTheSound) {
  begin();
  send(audio, 31, kOtherAudio);
  send(audio, 31, kSound);
  send(video, 40, kPicture);
  EXPECT_EQ(taken(), "");
  send(video, 80, kOtherVideo);
  EXPECT_EQ(taken(), "v40 [va] a31 ");
  send(video, 80, kKey);
  EXPECT_EQ(taken(), "V80 ");
}

TEST_F(PublicationTest, AChangeOfThePictureAloneWaitsAQuarterOfASecond) {
  begin();
  send(video, 40, kOtherVideo);
  send(video, 40, kKey);
  send(audio, 41, kSound);
  send(video, 280, kPicture);
  EXPECT_EQ(taken(), "");
  send(audio, 290, kSound);
  EXPECT_EQ(taken(), "[va] V40 a41 v280 a290 ");
}

TEST_F(PublicationTest, AChangeOfTheSoundAloneWaitsForAKeyframe) {
  begin();
  send(audio, 31, kOtherAudio);
  send(audio, 31, kSound);
  send(video, 40, kPicture);
  send(audio, 281, kSound);
  EXPECT_EQ(taken(), "v40 ");
  send(video, 320, kPicture);
  send(audio, 321, kSound);
  EXPECT_EQ(taken(), "v320 ");
  send(video, 360, kKey);
  send(audio, 361, kSound);
  EXPECT_EQ(taken(), "[va] V360 a361 ");
}

TEST_F(PublicationTest, AChangeDoesNotWaitForWhoIsSilent) {
  begin();
  send(video, 40, kOtherVideo);
  send(video, 40, kKey);
  const SteadyTime arrival = SteadyTime(1h) + 540ms;
  const auto late = [&](std::uint32_t ms) {
    EXPECT_TRUE(publication_.take({.type = video, .timestamp = ms, .body = Payload::own(from_hex(kPicture))}, arrival));
  };
  late(80);
  EXPECT_EQ(taken(), "[va] V40 v80 ");
}

TEST_F(PublicationTest, ParametersThatComeAndGoAgainLeaveNoFrameOfOthers) {
  begin();
  send(audio, 31, kOtherAudio);
  send(audio, 31, kSound);
  send(audio, 52, kAudio);
  send(audio, 52, kSound);
  send(video, 360, kKey);
  EXPECT_EQ(taken(), "[va] V360 ") << "sound before the place to change has none";
}

TEST_F(PublicationTest, ATrackThatComesLateWaitsForAKeyframe) {
  send(video, 0, kVideo);
  send(video, 0, kKey);
  send(video, 500, kPicture);
  EXPECT_EQ(taken(), "[v] V0 v500 ");
  send(audio, 520, kAudio);
  send(audio, 520, kSound);
  send(video, 540, kPicture);
  send(video, 800, kKey);
  send(audio, 801, kSound);
  EXPECT_EQ(taken(), "v540 [va] V800 a801 ");
}

}  // namespace
}  // namespace sluice::rtmp
