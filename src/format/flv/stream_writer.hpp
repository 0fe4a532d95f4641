#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "format/flv/message.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::flv {

/// Makes the messages of a stream of tracks: onMetaData and sequence headers, then a message a frame. FLV has one video
/// and one audio track: the first of each that it carries. How messages are framed (tags, RTMP chunks) is the business
/// of `Emit`.
class StreamWriter {
 public:
  /// Takes one message: its stamp in ms, its body in parts.
  using Emit = std::function<void(Message::Type, std::uint32_t ms, std::span<const BytesView> body)>;

  explicit StreamWriter(const media::Tracks& tracks) { set_tracks(tracks); }

  /// From here on these tracks. The caller writes the headers again.
  void set_tracks(const media::Tracks& tracks);

  [[nodiscard]] bool has(media::Content content) const;

  /// onMetaData and the sequence headers, stamped like the newest frame.
  void headers(const Emit& emit) const;

  /// The message of one frame; nothing for a frame of a track that is not carried.
  void frame(const media::Frame& frame, const Emit& emit);

 private:
  media::Tracks all_;
  media::Tracks carried_;
  std::vector<bool> is_carried_;  // by index in all_
  std::uint32_t last_ms_ = 0;
};

}  // namespace sluice::flv
