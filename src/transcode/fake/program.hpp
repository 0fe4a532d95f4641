#pragma once

#include <cstdint>

#include "core/result.hpp"
#include "core/time.hpp"
#include "format/flv/message.hpp"
#include "media/frame.hpp"
#include "transcode/fake/encoder.hpp"
#include "transcode/fake/output.hpp"

namespace sluice::transcode::fake {

struct ProgramOptions {
  VideoOptions video;
  std::int64_t audio_bitrate = 64'000;  ///< bit/s
  std::int64_t frames = 0;              ///< of video, after which the program ends; 0: never
  bool pace = true;                     ///< each frame when it is due; else as fast as it can be made
};

/// Makes pictures and sound and writes them as FLV: each frame at its time, counted from the start. After a pause of
/// more than a second (a suspended process, a reader that did not read) it goes on with the frame that is due then.
class Program {
 public:
  /// Errors: those of the encoders.
  static Result<Program> open(const ProgramOptions& options, Output& output);

  /// Runs until the frames are done or the other side has gone. Errors: encoder_failed.
  Result<void> run();

 private:
  Program(const ProgramOptions& options, VideoEncoder video, AudioEncoder audio, Output& output);

  bool write_start();
  bool write_frame(const media::Track& track, flv::Message::Type type, const media::Frame& frame);
  [[nodiscard]] bool picture_is_next() const;
  [[nodiscard]] UtcTime utc_at(std::chrono::nanoseconds since_start) const;
  /// False where the frame that was next has been left behind.
  bool keep_up(std::chrono::nanoseconds due);

  // borrowed (outlives this)
  Output* output_;

  // owned
  ProgramOptions options_;
  VideoEncoder video_;
  AudioEncoder audio_;

  // state
  SteadyTime start_;
  std::int64_t picture_ = 0;  // number of the next one
  std::int64_t block_ = 0;    // of samples, likewise
  Bytes buffer_;
};

}  // namespace sluice::transcode::fake
