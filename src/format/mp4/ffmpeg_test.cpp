#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "format/mp4/errc.hpp"
#include "format/mp4/fragment.hpp"
#include "format/mp4/init.hpp"
#include "format/mp4/test_tracks.hpp"

/// ffmpeg and ffprobe as judges, both ways: our reader takes apart what ffmpeg muxed, our writer muxes it again, and
/// ffprobe has to see the same packets, ffmpeg to decode the same pictures, without a word of complaint.
namespace sluice::mp4 {
namespace {

// A file of one track as our reader sees it. Owns the bytes that its fragments view.
struct Recording {
  Bytes bytes;
  Init init;
  std::vector<ReadSample> samples;
  media::Track track;
};

class Ffmpeg : public testing::Test {
 protected:
  Ffmpeg() { std::filesystem::create_directories(folder_); }
  ~Ffmpeg() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(std::string_view name) const { return (folder_ / name).string(); }

  // What the command prints, errors included. It has to succeed.
  static std::string run(const std::string& command) {
    std::string out;
    FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (!pipe) return "popen failed";
    for (int c; (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
    EXPECT_EQ(::pclose(pipe), 0) << command << '\n' << out;
    return out;
  }

  // Lets ffmpeg make a fragmented file, and reads it.
  Recording record(const std::string& name, const std::string& source, const std::string& codec) {
    const auto file = path(name);
    EXPECT_EQ(run("ffmpeg -v error -y -f lavfi -i " + source + " -c " + codec +
                  " -map_metadata -1 -use_editlist 0 -frag_duration 700000 -video_track_timescale 90000"
                  " -movflags frag_keyframe+empty_moov+default_base_moof " +
                  file),
              "");
    Recording out;
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    out.bytes.assign(as_bytes(text).begin(), as_bytes(text).end());
    out.init = read_init(out.bytes).value();
    BytesView rest(out.bytes);
    for (auto fragment = read_fragment(rest, &out.init); fragment; fragment = read_fragment(rest, &out.init)) {
      std::ranges::copy(fragment->samples, std::back_inserter(out.samples));
      rest = rest.subspan(fragment->size);
    }
    EXPECT_EQ(read_fragment(rest, &out.init).error(), Errc::no_fragment) << "all of the file is read";
    const TrackInfo& info = out.init.tracks.at(0);
    out.track.codec = info.codec;
    out.track.language = "eng";
    out.track.config =
        info.config.empty() ? Payload::copy(out.samples.at(0).payload.first(4)) : Payload::copy(info.config);
    out.track.details = info.codec->details(out.track.config.view()).value();
    return out;
  }

  void write(const std::string& name, const Bytes& bytes) const {
    std::ofstream(path(name), std::ios::binary) << as_text(bytes);
  }

  [[nodiscard]] std::string packets(const std::string& name, const std::string& stream) const {
    return run("ffprobe -v warning -select_streams " + stream +
               " -show_entries packet=pts,dts,duration,size,flags -of csv=p=0 " + path(name));
  }

  // A checksum of each decoded frame, at its own stamp; what ffmpeg complains about stands in it too.
  [[nodiscard]] std::string frames(const std::string& name, const std::string& stream) const {
    return run("ffmpeg -v warning -copyts -i " + path(name) + " -map 0:" + stream + " -f framemd5 -");
  }
  // The same with stamps counted from the first frame.
  [[nodiscard]] std::string frames_from_zero(const std::string& name) const {
    return run("ffmpeg -v warning -i " + path(name) + " -f framemd5 -");
  }

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("sluice-mp4-" + std::to_string(::getpid()));
};

// Lays `samples` down as fragments of at most `in_each` samples, each as it would lie in the store.
std::vector<Bytes> fragments_of(std::uint32_t track_id, std::span<const ReadSample> samples, std::size_t in_each) {
  std::vector<Bytes> fragments;
  for (; !samples.empty(); samples = samples.subspan(std::min(in_each, samples.size()))) {
    const auto part = samples.first(std::min(in_each, samples.size()));
    std::vector<Sample> headers;
    for (const ReadSample& sample : part) headers.push_back(sample.sample);
    ByteWriter out(fragments.emplace_back());
    const auto number = static_cast<std::uint32_t>(fragments.size());
    write_fragment_header(out, {track_id, number, part.front().decode_time, UtcTime(std::chrono::seconds(1))}, headers);
    for (const ReadSample& sample : part) out.bytes(sample.payload);
  }
  return fragments;
}

Bytes file_of(const Recording& in, std::size_t in_each) {
  const InitTrack track{1, in.track};
  auto bytes = write_init({&track, 1});
  for (const Bytes& fragment : fragments_of(1, in.samples, in_each))
    std::ranges::copy(fragment, std::back_inserter(bytes));
  return bytes;
}

const std::string kVideo = "testsrc2=size=320x240:rate=25:duration=4";
const std::string kTone = "sine=frequency=440:sample_rate=44100:duration=4";
const std::string kH264 = "libx264 -pix_fmt yuv420p -preset ultrafast -g 25 -bf 2 -b_strategy 0 -threads 1";

TEST_F(Ffmpeg, SeesH264AsItWas) {
  const auto video = record("reference.mp4", kVideo, kH264);
  ASSERT_EQ(video.samples.size(), 100u);
  EXPECT_TRUE(std::ranges::any_of(video.samples, [](const auto& s) { return s.sample.composition_offset > 3600; }))
      << "the test needs B-frames";
  EXPECT_EQ(std::ranges::count_if(video.samples, [](const auto& s) { return s.sample.sync; }), 4);
  for (const std::size_t in_each : {1u, 6u, 25u, 100u}) {
    write("ours.mp4", file_of(video, in_each));
    EXPECT_EQ(packets("ours.mp4", "v"), packets("reference.mp4", "v")) << in_each;
    EXPECT_EQ(frames("ours.mp4", "v"), frames("reference.mp4", "v")) << in_each;
  }
}

TEST_F(Ffmpeg, SeesAudioAsItWas) {
  for (const auto* codec : {"aac", "libmp3lame"}) {
    const auto audio = record("reference.mp4", kTone, codec);
    ASSERT_GT(audio.samples.size(), 150u);
    write("ours.mp4", file_of(audio, 43));
    EXPECT_EQ(packets("ours.mp4", "a"), packets("reference.mp4", "a")) << codec;
    EXPECT_EQ(frames("ours.mp4", "a"), frames("reference.mp4", "a")) << codec;
  }
}

TEST_F(Ffmpeg, DescribesTheTracksAsTheyAre) {
  const auto video = record("v.mp4", kVideo + ",setsar=4/3", kH264);
  EXPECT_EQ(video.init.tracks[0].width, 426u) << "display width";
  const auto ours = file_of(video, 25);
  EXPECT_EQ(read_init(ours)->tracks[0].width, video.track.details.width);
  write("ours.mp4", ours);
  EXPECT_EQ(run("ffprobe -v warning -show_entries stream=codec_name,codec_tag_string,width,height,sample_aspect_ratio,"
                "time_base:stream_tags=language -of csv=p=0 " +
                path("ours.mp4")),
            "h264,avc1,320,240,4:3,1/90000,eng\n");
  const auto audio = record("a.mp4", kTone, "aac");
  write("ours.mp4", file_of(audio, 43));
  EXPECT_EQ(run("ffprobe -v warning -show_entries stream=codec_name,codec_tag_string,sample_rate,channels,time_base"
                " -of csv=p=0 " +
                path("ours.mp4")),
            "aac,mp4a,44100,1,1/44100\n");
}

// A muxed fMP4 segment is the ranges of two tracks of the store behind an init segment of both.
TEST_F(Ffmpeg, SeesTwoTracksInFragmentsOfTheirOwn) {
  const auto video = record("v.mp4", kVideo, kH264);
  const auto audio = record("a.mp4", kTone, "aac");
  const InitTrack tracks[] = {{1, video.track}, {2, audio.track}};
  const auto videos = fragments_of(1, video.samples, 25);
  const auto audios = fragments_of(2, audio.samples, 43);
  auto bytes = write_init(tracks);
  for (std::size_t i = 0; i < std::max(videos.size(), audios.size()); ++i) {
    if (i < videos.size()) std::ranges::copy(videos[i], std::back_inserter(bytes));
    if (i < audios.size()) std::ranges::copy(audios[i], std::back_inserter(bytes));
  }
  write("ours.mp4", bytes);
  EXPECT_EQ(packets("ours.mp4", "v"), packets("v.mp4", "v"));
  EXPECT_EQ(packets("ours.mp4", "a"), packets("a.mp4", "a"));
  EXPECT_EQ(frames("ours.mp4", "v"), frames("v.mp4", "v"));
  EXPECT_EQ(frames("ours.mp4", "a"), frames("a.mp4", "a"));
}

// The form in which the first shown stamp is the base decode time: offsets may be negative.
TEST_F(Ffmpeg, TakesNegativeCompositionOffsets) {
  auto video = record("reference.mp4", kVideo, kH264);
  const auto delay = video.samples.at(0).sample.composition_offset;
  ASSERT_GT(delay, 0);
  for (ReadSample& sample : video.samples) {
    sample.decode_time += delay;
    sample.sample.composition_offset -= delay;
  }
  EXPECT_TRUE(std::ranges::any_of(video.samples, [](const auto& s) { return s.sample.composition_offset < 0; }));
  write("ours.mp4", file_of(video, 25));
  // Counted from zero, because ffmpeg's demuxer (5.1) moves all stamps of a track up by its least offset, also in files
  // that its own muxer made.
  EXPECT_EQ(frames_from_zero("ours.mp4"), frames_from_zero("reference.mp4"));
}

}  // namespace
}  // namespace sluice::mp4
