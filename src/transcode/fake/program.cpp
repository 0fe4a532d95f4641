#include "transcode/fake/program.hpp"

#include <utility>

#include "format/flv/writer.hpp"

namespace sluice::transcode::fake {

using namespace std::chrono;

Result<Program> Program::open(const ProgramOptions& options, Output& output) {
  auto video = VideoEncoder::open(options.video);
  if (!video) return std::unexpected(video.error());
  auto audio = AudioEncoder::open(options.audio_bitrate);
  if (!audio) return std::unexpected(audio.error());
  return Program(options, std::move(*video), std::move(*audio), output);
}

Program::Program(const ProgramOptions& options, VideoEncoder video, AudioEncoder audio, Output& output)
    : output_(&output),
      options_(options),
      video_(std::move(video)),
      audio_(std::move(audio)),
      start_(steady_clock::now()) {}

Result<void> Program::run() {
  if (!write_start()) return {};
  const auto end = options_.frames > 0 ? options_.video.fps.begin(options_.frames) : nanoseconds::max();
  while (true) {
    const bool picture = picture_is_next();
    const nanoseconds due = picture ? options_.video.fps.begin(picture_) : AudioEncoder::kFrames.begin(block_);
    if (due >= end) return {};
    if (options_.pace) {
      if (!output_->wait(start_ + due)) return {};
      if (!keep_up(due)) continue;
    }
    const auto frame = picture ? video_.encode(picture_++, utc_at(due)) : audio_.encode(block_++, utc_at(due));
    if (!frame) return std::unexpected(frame.error());
    const bool written = picture ? write_frame(video_.track(), flv::Message::Type::video, *frame)
                                 : write_frame(audio_.track(), flv::Message::Type::audio, *frame);
    if (!written) return {};
  }
}

bool Program::picture_is_next() const {
  return options_.video.fps.begin(picture_) <= AudioEncoder::kFrames.begin(block_);
}

// The clock of the wall as it stands now, moved to the frame's own time: the steady start alone would drift from it.
UtcTime Program::utc_at(nanoseconds since_start) const {
  const auto ahead = start_ + since_start - steady_clock::now();
  return floor<microseconds>(system_clock::now() + ahead);
}

bool Program::keep_up(nanoseconds due) {
  const nanoseconds now = steady_clock::now() - start_;
  if (now - due <= 1s) return true;
  picture_ = options_.video.fps.next(now);
  block_ = AudioEncoder::kFrames.next(now);
  return false;
}

bool Program::write_start() {
  media::Tracks tracks{video_.track(), audio_.track()};
  media::assign_ids(tracks);
  buffer_.clear();
  ByteWriter out(buffer_);
  flv::write_file_header(out, true, true);
  flv::write_tag(out, flv::Message::Type::script, 0, {flv::metadata_body(tracks)});
  for (const media::Track& track : tracks) {
    const auto type = track.content() == media::Content::video ? flv::Message::Type::video : flv::Message::Type::audio;
    if (const auto body = flv::sequence_header_body(track)) flv::write_tag(out, type, 0, {*body});
  }
  return output_->write(buffer_);
}

bool Program::write_frame(const media::Track& track, flv::Message::Type type, const media::Frame& frame) {
  buffer_.clear();
  ByteWriter out(buffer_);
  flv::write_tag(out, type, flv::timestamp_ms(frame.dts),
                 {flv::frame_prefix(track, frame).view(), frame.payload.view()});
  return output_->write(buffer_);
}

}  // namespace sluice::transcode::fake
