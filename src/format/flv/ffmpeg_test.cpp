// FLV as ffmpeg writes and reads it. ffmpeg is a test dependency of the project.
#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "format/flv/file_reader.hpp"
#include "format/flv/frame_reader.hpp"
#include "format/flv/writer.hpp"

namespace sluice::flv {
namespace {

/// One packet, in ms.
struct Packet {
  bool video;
  std::int64_t pts, dts;
  std::size_t size;
  bool key;

  bool operator==(const Packet&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Packet& p) {
    return out << (p.video ? "video" : "audio") << " pts " << p.pts << " dts " << p.dts << " size " << p.size
               << (p.key ? " key" : "");
  }
};

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return out;
  std::array<char, 65'536> buffer;
  while (const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return out;
}

class FlvAndFfmpeg : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "flv_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::vector<Packet> packets_by_ffprobe(BytesView flv) {
    const auto path = folder_ / "x.flv";
    std::ofstream(path, std::ios::binary) << as_text(flv);
    std::istringstream lines(output_of(
        "/usr/bin/ffprobe -v error -show_entries packet=codec_type,pts,dts,size,flags -of csv=p=0 " + path.string()));
    std::vector<Packet> out;
    for (std::string line; std::getline(lines, line);) {
      std::ranges::replace(line, ',', ' ');
      std::istringstream fields(line);
      std::string type, flags;
      Packet packet{};
      fields >> type >> packet.pts >> packet.dts >> packet.size >> flags;
      packet.video = type == "video";
      packet.key = flags.starts_with('K');
      out.push_back(packet);
    }
    return out;
  }

  std::filesystem::path folder_;
};

struct Contents {
  media::Tracks tracks;
  std::vector<media::Frame> frames;
};

Contents read_all(BytesView in) {
  Contents out;
  FileReader file;
  FrameReader frames;
  while (true) {
    const auto message = file.next(in);
    EXPECT_TRUE(message) << message.error().message();
    if (!message || !*message) break;
    auto read = frames.read(**message, {});
    EXPECT_TRUE(read) << read.error().message();
    if (!read) break;
    if (read->tracks) out.tracks = *read->tracks;
    if (read->frame) out.frames.push_back(std::move(*read->frame));
  }
  EXPECT_TRUE(frames.complete());
  return out;
}

std::vector<Packet> packets_of(const Contents& contents) {
  std::vector<Packet> out;
  out.reserve(contents.frames.size());
  for (const auto& frame : contents.frames) {
    out.push_back({.video = contents.tracks[frame.track].content() == media::Content::video,
                   .pts = to_rate(frame.pts, 1000),
                   .dts = to_rate(frame.dts, 1000),
                   .size = frame.payload.size(),
                   .key = frame.random_access});
  }
  return out;
}

Bytes write_all(const Contents& contents) {
  Bytes out;
  ByteWriter w(out);
  const auto type = [&](const media::Track& track) {
    return track.content() == media::Content::video ? Message::Type::video : Message::Type::audio;
  };
  write_file_header(w, true, true);
  write_tag(w, Message::Type::script, 0, {metadata_body(contents.tracks)});
  for (const auto& track : contents.tracks) {
    if (const auto body = sequence_header_body(track)) write_tag(w, type(track), 0, {*body});
  }
  for (const auto& frame : contents.frames) {
    const auto& track = contents.tracks[frame.track];
    write_tag(w, type(track), timestamp_ms(frame.dts), {frame_prefix(track, frame).view(), frame.payload.view()});
  }
  return out;
}

constexpr const char* kSources =
    "/usr/bin/ffmpeg -v error -f lavfi -i testsrc2=s=320x180:r=25:d=3 -f lavfi -i sine=r=44100:d=3 ";

TEST_F(FlvAndFfmpeg, AgreeOnH264WithBFramesAndAac) {
  const auto flv =
      output_of(std::string(kSources) + "-c:v libx264 -preset veryfast -bf 2 -g 20 -pix_fmt yuv420p -c:a aac -f flv -");
  const auto contents = read_all(as_bytes(flv));
  ASSERT_EQ(contents.tracks.size(), 2u);
  EXPECT_EQ(contents.tracks[0].details.width, 320u);
  EXPECT_DOUBLE_EQ(contents.tracks[0].details.fps, 25);
  EXPECT_EQ(contents.tracks[1].details.sample_rate, 44'100u);
  EXPECT_EQ(std::ranges::count(contents.frames, 0u, &media::Frame::track), 75);
  EXPECT_EQ(packets_of(contents), packets_by_ffprobe(as_bytes(flv)));
  EXPECT_EQ(packets_by_ffprobe(write_all(contents)), packets_of(contents)) << "and reads what is written here";
}

TEST_F(FlvAndFfmpeg, AgreeOnOpenGops) {
  const auto flv =
      output_of(std::string(kSources) +
                "-c:v libx264 -x264opts open-gop=1:bframes=2:b-adapt=0:keyint=12 -pix_fmt yuv420p -c:a aac -f flv -");
  const auto contents = read_all(as_bytes(flv));
  EXPECT_EQ(packets_of(contents), packets_by_ffprobe(as_bytes(flv))) << "a recovery point is a key frame";
}

TEST_F(FlvAndFfmpeg, AgreeOnMp3) {
  const auto flv =
      output_of(std::string(kSources) + "-c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a libmp3lame -f flv -");
  const auto contents = read_all(as_bytes(flv));
  ASSERT_EQ(contents.tracks.size(), 2u);
  EXPECT_EQ(contents.tracks[1].codec->name, "mp3");
  EXPECT_EQ(packets_of(contents), packets_by_ffprobe(as_bytes(flv)));
  EXPECT_EQ(packets_by_ffprobe(write_all(contents)), packets_of(contents));
}

}  // namespace
}  // namespace sluice::flv
