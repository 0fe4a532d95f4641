#include "format/flv/frame_reader.hpp"

#include <gtest/gtest.h>

#include "core/hex.hpp"
#include "format/amf/amf.hpp"
#include "format/flv/errc.hpp"
#include "media/errc.hpp"

namespace sluice::flv {
namespace {

using namespace std::chrono_literals;
using enum Message::Type;

// x264 at 320x180 and 25 fps, as avcC; SPS and PPS of another encoder run with other contents.
constexpr std::string_view kAvcc = "0142c00cff e1 0017 6742c00cda05067e7c0440000003004000000c83c50aa8 01 0004 68ce0fc8";
constexpr std::string_view kOtherSps = "674d400ceca0a0cfcf808800030008000003019078a14cb0";
constexpr std::string_view kOtherPps = "68ef8fc8";

constexpr std::string_view kIdr = "00000004 65888404";
constexpr std::string_view kP = "00000004 419a236c";

/// What a publisher sends, message by message.
struct Publisher {
  FrameReader reader;

  Result<FrameReader::Output> send(Message::Type type, std::uint32_t ms, std::string_view hex) {
    return reader.read({.type = type, .timestamp = ms, .body = Payload::own(from_hex(hex))}, SteadyTime(7s));
  }
  Result<FrameReader::Output> send_video(std::uint32_t ms, std::string_view prefix, std::string_view nals) {
    return send(video, ms, std::string(prefix) + std::string(nals));
  }
  media::Frame frame(Result<FrameReader::Output> out) {
    EXPECT_TRUE(out) << out.error().message();
    EXPECT_TRUE(out && out->frame);
    return out && out->frame ? *out->frame : media::Frame{};
  }
  std::string ids(const Result<FrameReader::Output>& out) {
    if (!out || !out->tracks) return "";
    std::string text;
    for (const auto& track : *out->tracks) text += track.id + ":" + std::string(track.codec->name) + " ";
    return text;
  }
  void begin() {
    EXPECT_TRUE(send_video(0, "17 00 000000", kAvcc));
    EXPECT_TRUE(send(audio, 0, "af 00 1210"));
  }
};

TEST(FlvFrameReader, ReportsTracksAsTheyBecomeKnown) {
  Publisher p;
  EXPECT_EQ(p.ids(p.send(audio, 0, "af 00 1210")), "a1:aac ");
  EXPECT_EQ(p.ids(p.send_video(0, "17 00 000000", kAvcc)), "v1:h264 a1:aac ") << "video stands before audio";
  EXPECT_EQ(p.ids(p.send(audio, 0, "af 00 1210")), "") << "repeated";
  EXPECT_EQ(p.frame(p.send(audio, 0, "af 01 21")).track, 1u) << "in the list reported last";
}

TEST(FlvFrameReader, DescribesItsTracks) {
  Publisher p;
  const auto out = p.send_video(0, "17 00 000000", kAvcc);
  ASSERT_TRUE(out && out->tracks);
  const media::Track& track = out->tracks->front();
  EXPECT_EQ(track.details.codec_string, "avc1.42c00c");
  EXPECT_EQ(track.details.width, 320u);
  EXPECT_TRUE(std::ranges::equal(track.config.view(), from_hex(kAvcc)));
  EXPECT_EQ(p.send(audio, 0, "af 00 1210")->tracks->back().details.sample_rate, 44'100u);
}

TEST(FlvFrameReader, MakesFrames) {
  Publisher p;
  p.begin();
  const auto first = p.frame(p.send_video(1000, "17 01 000050", kIdr));
  EXPECT_EQ(first.track, 0u);
  EXPECT_EQ(first.dts, Ticks(90'000));
  EXPECT_EQ(first.pts, Ticks(97'200)) << "80 ms of composition time";
  EXPECT_TRUE(first.random_access);
  EXPECT_FALSE(first.corrupt);
  EXPECT_EQ(first.arrival, SteadyTime(7s));
  EXPECT_TRUE(std::ranges::equal(first.payload.view(), from_hex(kIdr)));

  EXPECT_FALSE(p.frame(p.send_video(1040, "27 01 000000", kP)).random_access);
  EXPECT_TRUE(p.frame(p.send_video(1080, "27 01 000000", "00000004 019e626a")).disposable);
  const auto sound = p.frame(p.send(audio, 1001, "af 01 2110"));
  EXPECT_TRUE(sound.random_access);
  EXPECT_TRUE(std::ranges::equal(sound.payload.view(), from_hex("2110")));
}

TEST(FlvFrameReader, CopiesNoPayload) {
  Publisher p;
  p.begin();
  const Message message{
      .type = video, .timestamp = 0, .body = Payload::own(from_hex("17 01 000000 00000004 65888404"))};
  const auto frame = p.frame(p.reader.read(message, {}));
  EXPECT_EQ(frame.payload.view().data(), message.body.view().data() + 5);
}

TEST(FlvFrameReader, BelievesBitsMoreThanFlags) {
  Publisher p;
  p.begin();
  EXPECT_TRUE(p.frame(p.send_video(0, "27 01 000000", kIdr)).random_access) << "an IDR picture called inter frame";
  EXPECT_FALSE(p.frame(p.send_video(40, "17 01 000000", kP)).random_access) << "a P picture called keyframe";
  EXPECT_TRUE(p.frame(p.send_video(80, "17 01 000000", "00000004 41889983")).random_access) << "an I picture so called";
  EXPECT_FALSE(p.frame(p.send_video(120, "27 01 000000", "00000004 41889983")).random_access) << "an I picture";
}

TEST(FlvFrameReader, UnwrapsItsStamps) {
  Publisher p;
  p.begin();
  EXPECT_EQ(p.frame(p.send_video(0xffff'ffd8, "17 01 000000", kIdr)).dts, Ticks(std::int64_t{0xffff'ffd8} * 90));
  EXPECT_EQ(p.frame(p.send(audio, 0xffff'ffe0, "af 01 21")).dts, Ticks(std::int64_t{0xffff'ffe0} * 90));
  EXPECT_EQ(p.frame(p.send_video(0, "27 01 000000", kP)).dts, Ticks((std::int64_t{1} << 32) * 90));
  EXPECT_EQ(p.frame(p.send(audio, 0xffff'fff8, "af 01 21")).dts, Ticks(std::int64_t{0xffff'fff8} * 90)) << "late";
}

TEST(FlvFrameReader, ShowsNothingBeforeItIsDecoded) {
  Publisher p;
  p.begin();
  const auto frame = p.frame(p.send_video(100, "17 01 ffffd8", kIdr));  // composition time -40
  EXPECT_EQ(frame.pts, frame.dts);
}

TEST(FlvFrameReader, DropsFramesOfUnknownTracks) {
  Publisher p;
  EXPECT_FALSE(p.send_video(0, "17 01 000000", kIdr)->frame);
  EXPECT_FALSE(p.send(audio, 0, "af 01 21")->frame);
}

TEST(FlvFrameReader, PassesOverMessagesWithoutFrames) {
  Publisher p;
  p.begin();
  for (const auto* body : {"", "17 02 000000", "17 02", "57 00", "52 01", "17 01 000000"}) {
    const auto out = p.send(video, 0, body);
    EXPECT_TRUE(out && !out->frame && !out->tracks) << body;
  }
  EXPECT_FALSE(p.send(audio, 0, "af 01")->frame);
  EXPECT_FALSE(p.send(audio, 0, "")->frame);
  EXPECT_FALSE(p.send_video(0, "17 01 000000", "00000002 0910")->frame) << "no picture";
}

TEST(FlvFrameReader, FollowsASequenceHeaderThatChanges) {
  Publisher p;
  p.begin();
  EXPECT_EQ(p.ids(p.send(audio, 0, "af 00 1190")), "v1:h264 a1:aac ");
  const auto out = p.send(audio, 0, "af 00 1208");
  EXPECT_EQ(out->tracks->back().details.channels, 1u);
}

TEST(FlvFrameReader, FollowsParameterSetsBetweenPictures) {
  Publisher p;
  p.begin();
  const std::string sets = "00000018" + std::string(kOtherSps) + "00000004" + std::string(kOtherPps);
  const auto out = p.send_video(0, "17 01 000000", sets + std::string(kIdr));
  ASSERT_TRUE(out && out->tracks && out->frame) << "the report holds for the frame beside it";
  EXPECT_EQ(out->tracks->front().details.codec_string, "avc1.4d400c");
  EXPECT_FALSE(p.send_video(40, "17 01 000000", sets + std::string(kIdr))->tracks) << "once";
}

TEST(FlvFrameReader, BeginsWithParameterSetsAlone) {
  Publisher p;
  const std::string sets = "00000018" + std::string(kOtherSps) + "00000004" + std::string(kOtherPps);
  const auto out = p.send_video(0, "17 01 000000", sets);
  EXPECT_EQ(p.ids(out), "v1:h264 ");
  EXPECT_FALSE(out->frame);
  EXPECT_TRUE(p.send_video(0, "17 01 000000", kIdr)->frame);
}

TEST(FlvFrameReader, WidensShortLengths) {
  Publisher p;
  std::string avcc(kAvcc);
  avcc.replace(8, 2, "fd");  // lengthSizeMinusOne 1
  const auto out = p.send_video(0, "17 00 000000", avcc);
  ASSERT_TRUE(out && out->tracks);
  EXPECT_TRUE(std::ranges::equal(out->tracks->front().config.view(), from_hex(kAvcc)))
      << "the track has 4-byte lengths";
  const auto frame = p.frame(p.send_video(0, "17 01 000000", "0002 0910 0004 65888404"));
  EXPECT_TRUE(std::ranges::equal(frame.payload.view(), from_hex("00000002 0910 00000004 65888404")));
  EXPECT_FALSE(p.send_video(40, "27 01 000000", "0005 419a236c")->frame);
  EXPECT_TRUE(p.frame(p.send_video(80, "27 01 000000", "0004 419a236c")).after_loss);
}

TEST(FlvFrameReader, CutsBrokenFrames) {
  Publisher p;
  p.begin();
  const auto cut = p.frame(p.send_video(0, "17 01 000000", "00000004 65888404 00000005 6588"));
  EXPECT_TRUE(cut.corrupt);
  EXPECT_TRUE(std::ranges::equal(cut.payload.view(), from_hex(kIdr)));
  EXPECT_FALSE(p.send_video(40, "27 01 000000", "000000ff 419a")->frame);
  EXPECT_TRUE(p.frame(p.send_video(80, "27 01 000000", kP)).after_loss);
  EXPECT_FALSE(p.frame(p.send_video(120, "27 01 000000", kP)).after_loss);
}

TEST(FlvFrameReader, ReadsMp3WithoutSequenceHeader) {
  Publisher p;
  const auto out = p.send(audio, 0, "2f fffb5464 0000");
  EXPECT_EQ(p.ids(out), "a1:mp3 ");
  ASSERT_TRUE(out->frame);
  EXPECT_EQ(out->frame->payload.size(), 6u);
  EXPECT_FALSE(p.send(audio, 24, "2f fffb9464 0000")->tracks) << "another bitrate";
  EXPECT_EQ(p.ids(p.send(audio, 48, "2f fffb5064 0000")), "a1:mp3 ") << "44.1 kHz";
  EXPECT_EQ(p.ids(p.send(audio, 72, "ee ffe38864 0000")), "a1:mp3 ") << "8 kHz has an id of its own";
  EXPECT_EQ(p.ids(p.send(audio, 96, "af 00 1210")), "a1:aac ") << "a publisher may change the codec";
  EXPECT_EQ(p.send(audio, 96, "2f 0000")->frame, std::nullopt) << "no MP3 frame";
}

TEST(FlvFrameReader, NamesCodecsThatItDoesNotRead) {
  Publisher p;
  EXPECT_EQ(p.send(video, 0, "12 00").error().message(), "FLV video codec 2 (Sorenson H.263) is not supported");
  EXPECT_EQ(p.send(audio, 0, "b2 00").error().message(), "FLV audio codec 11 (Speex) is not supported");
  EXPECT_EQ(p.send(video, 0, "1e 00").error().message(), "an unknown FLV video codec");
  EXPECT_EQ(p.send(video, 0, "07 00").error(), Errc::unknown_frame_type);
  EXPECT_EQ(p.send(video, 0, "90 68766331").error(), Errc::unknown_frame_type);
}

TEST(FlvFrameReader, RefusesCutHeadersAndBrokenConfigs) {
  Publisher p;
  for (const auto* body : {"17", "17 01", "17 00 0000"}) EXPECT_EQ(p.send(video, 0, body).error(), Errc::truncated);
  EXPECT_EQ(p.send(audio, 0, "af").error(), Errc::truncated);
  EXPECT_EQ(p.send_video(0, "17 00 000000", "0142c00cff").error(), media::Errc::truncated);
  EXPECT_EQ(p.send(audio, 0, "af 00 0210").error(), media::Errc::unsupported_config);
  EXPECT_FALSE(p.send(audio, 0, "af 00")->tracks) << "empty: not known yet";
}

TEST(FlvFrameReader, IsCompleteWithAVideoAndAnAudioTrackWhenNothingIsAnnounced) {
  Publisher p;
  EXPECT_FALSE(p.reader.complete());
  ASSERT_TRUE(p.send_video(0, "17 00 000000", kAvcc));
  EXPECT_FALSE(p.reader.complete());
  ASSERT_TRUE(p.send(audio, 0, "af 00 1210"));
  EXPECT_TRUE(p.reader.complete());
}

Payload script_of(std::initializer_list<amf::Value> values) {
  Bytes out;
  ByteWriter w(out);
  for (const auto& value : values) amf::write_amf0(w, value);
  return Payload::own(std::move(out));
}

TEST(FlvFrameReader, IsCompleteWithWhatMetadataAnnounces) {
  const auto complete_with_video = [](amf::Object metadata) {
    Publisher p;
    EXPECT_TRUE(p.reader.read({.body = script_of({"onMetaData", std::move(metadata)})}, {}));
    EXPECT_FALSE(p.reader.complete());
    EXPECT_TRUE(p.send_video(0, "17 00 000000", kAvcc));
    return p.reader.complete();
  };
  EXPECT_TRUE(complete_with_video({{"width", 320}, {"videocodecid", 7}})) << "it does not speak of audio";
  EXPECT_TRUE(complete_with_video({{"hasVideo", true}, {"hasAudio", false}, {"audiocodecid", 10}}));
  EXPECT_FALSE(complete_with_video({{"videocodecid", 7}, {"audiocodecid", 10}}));
  EXPECT_FALSE(complete_with_video({{"videocodecid", "avc1"}, {"audiocodecid", "mp4a"}}))
      << "names, as Wirecast writes";
  EXPECT_FALSE(complete_with_video({{"encoder", "x"}})) << "it speaks of neither";
}

TEST(FlvFrameReader, TakesBitratesFromMetadata) {
  Publisher p;
  const amf::Object metadata{{"videodatarate", 2500}, {"audiodatarate", -1}};
  ASSERT_TRUE(p.reader.read({.body = script_of({"@setDataFrame", "onMetaData", metadata})}, {}));
  EXPECT_EQ(p.send_video(0, "17 00 000000", kAvcc)->tracks->front().bitrate, 2'500'000u);
  EXPECT_EQ(p.send(audio, 0, "af 00 1210")->tracks->back().bitrate, 0u);
}

TEST(FlvFrameReader, PassesOverOtherScripts) {
  Publisher p;
  EXPECT_TRUE(p.reader.read({.body = script_of({"onCuePoint", amf::Object{}})}, {}));
  EXPECT_EQ(p.reader.read({.body = script_of({5})}, {}).error(), Errc::no_script);
  EXPECT_EQ(p.reader.read({.body = script_of({"onMetaData"})}, {}).error(), amf::Errc::truncated);
}

}  // namespace
}  // namespace sluice::flv
