#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/result.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"
#include "transcode/fake/picture.hpp"
#include "transcode/fake/rate.hpp"
#include "transcode/fake/tone.hpp"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

namespace sluice::transcode::fake {

/// One encoder of the FFmpeg libraries, with the frame it is fed from and the packet it is emptied into.
class Encoder {
 public:
  struct Release {
    void operator()(AVCodecContext* context) const;
    void operator()(AVFrame* frame) const;
    void operator()(AVPacket* packet) const;
  };

  /// REQUIRES: `context` is open.
  explicit Encoder(std::unique_ptr<AVCodecContext, Release> context);

  [[nodiscard]] AVCodecContext& context() const { return *context_; }
  /// The frame to fill, writable, its stamp set. Errors: encoder_failed.
  Result<AVFrame*> next(std::int64_t pts);
  /// Encodes that frame and hands over every packet that is ready. Errors: encoder_failed.
  Result<void> encode(const std::function<void(const AVPacket&)>& packet);

 private:
  std::unique_ptr<AVCodecContext, Release> context_;
  std::unique_ptr<AVFrame, Release> frame_;
  std::unique_ptr<AVPacket, Release> packet_;
};

struct VideoOptions {
  int width = 320;   ///< pixels, even
  int height = 240;  ///< pixels, even
  Rate fps;
  std::int64_t bitrate = 500'000;  ///< bit/s on average over a second
  double gop = 2;                  ///< seconds from one keyframe to the next
};

/// Test pictures to H.264: Main profile, no B-frames and no delay, keyframes (IDR) at a fixed distance.
class VideoEncoder {
 public:
  /// Errors: no_encoder, bad_parameters.
  static Result<VideoEncoder> open(const VideoOptions& options);

  [[nodiscard]] const media::Track& track() const { return track_; }
  /// The test picture of that number at that moment, encoded. Errors: encoder_failed.
  Result<media::Frame> encode(std::int64_t number, UtcTime utc);

 private:
  VideoEncoder(Encoder encoder, Rate fps, media::Track track)
      : encoder_(std::move(encoder)), fps_(fps), track_(std::move(track)) {}

  Encoder encoder_;
  Rate fps_;
  media::Track track_;
};

/// The tone to AAC-LC, stereo, 48 kHz.
class AudioEncoder {
 public:
  static constexpr std::int64_t kSamples = 1024;         ///< of a frame
  static constexpr Rate kFrames{kSampleRate, kSamples};  ///< frames a second

  /// Errors: no_encoder, bad_parameters.
  static Result<AudioEncoder> open(std::int64_t bitrate);

  [[nodiscard]] const media::Track& track() const { return track_; }
  /// The frame that plays block `number` of 1024 samples, which begins at `utc`. Numbers rise; one that is left out is
  /// a gap. Errors: encoder_failed.
  Result<media::Frame> encode(std::int64_t number, UtcTime utc);

 private:
  AudioEncoder(Encoder encoder, media::Track track) : encoder_(std::move(encoder)), track_(std::move(track)) {}

  Encoder encoder_;
  media::Track track_;
  std::int64_t next_ = 0;  // block to feed: the encoder is two blocks behind
};

}  // namespace sluice::transcode::fake
