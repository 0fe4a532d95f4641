#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "format/flv/frame_reader.hpp"
#include "stream/feed.hpp"

namespace sluice::rtmp {

/// What a publisher sends, on its way to the stream: messages become frames. Where tracks become known or change, the
/// frames wait until the other track has had its say, so that the stream begins anew once and loses nothing: at the
/// start until all tracks are known, later for a quarter of a second of media, because encoders send pictures ahead of
/// the sound; for 500 ms at most. A change of the sound alone waits on for the next keyframe, without the sound.
class Publication {
 public:
  explicit Publication(std::unique_ptr<stream::Feed> feed) : feed_(std::move(feed)) {}

  /// The next message. Errors: the publisher sends what cannot be read.
  Result<void> take(const flv::Message& message, SteadyTime now);

  [[nodiscard]] stream::Feed& feed() { return *feed_; }

 private:
  /// How often the parameters of a track have changed, by its content: FLV has one video and one audio track.
  using Versions = std::array<unsigned, 2>;
  struct Waiting {
    media::Frame frame;
    media::Content content{};
    unsigned version = 0;  // of the track that it is of
  };

  static std::size_t lane(media::Content content) { return content == media::Content::video ? 0 : 1; }
  void change(media::Tracks tracks, SteadyTime now);
  [[nodiscard]] bool settled(SteadyTime now) const;
  void change_over();
  void push(Waiting& waiting, const media::Tracks& tracks);

  // owned
  const std::unique_ptr<stream::Feed> feed_;
  // state
  flv::FrameReader reader_;
  media::Tracks tracks_;     // as reported last
  Versions versions_{};      // of these
  media::Tracks fed_;        // of the frames that were handed on
  Versions fed_versions_{};  // of these
  std::vector<Waiting> waiting_;
  bool waited_ = false;              // for the other track; now for a keyframe
  std::optional<SteadyTime> since_;  // when `tracks_` began to become others than `fed_`
};

}  // namespace sluice::rtmp
