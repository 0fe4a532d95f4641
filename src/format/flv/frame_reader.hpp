#pragma once

#include <cstdint>
#include <optional>

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/unwrap.hpp"
#include "format/flv/message.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::flv {

struct CodecRow;
struct DataHeader;

/// Makes tracks and frames of the messages of one FLV file or RTMP publisher. Adobe FLV v10.1 annex E.
///
/// FLV has at most one video and one audio track. A track is known from its sequence header on (MP3: from its first
/// frame; H.264 without sequence header: from the first parameter sets before a picture), and is reported then; each
/// report is the full list of what is known, video before audio, and holds for the frames after it, so a `track` index
/// means the list reported last. A report comes too when the parameters of a track change, by a sequence header or by
/// parameter sets between the pictures. Frames of a track that is not known yet are dropped. Whoever wants to begin
/// with all tracks waits, for a bounded time, until complete().
///
/// A video frame whose NAL units do not fill it is cut to those that are whole and marked corrupt; one without any is
/// dropped, and the next is marked after_loss.
///
/// No shard, no clock; holds the last configs and nothing of the frames. An error is permanent: the publisher sends
/// what cannot be read, and its session should end.
class FrameReader {
 public:
  struct Output {
    std::optional<media::Tracks> tracks;  ///< the list from here on, before `frame`
    std::optional<media::Frame> frame;    ///< its payload is a part of the message's body where the format permits
  };

  /// Reads the next message; `arrival` is passed on in the frame. Stamps are unwrapped here: ticks count from the 0 of
  /// the stream's own 32-bit milliseconds. Errors: this room's, media's for broken parameter sets, amf's for script
  /// data.
  Result<Output> read(const Message& message, SteadyTime arrival);

  /// True when all tracks are known that onMetaData announced or, without announcement, a video and an audio track.
  [[nodiscard]] bool complete() const;

 private:
  /// One of the two tracks FLV can have.
  struct Lane {
    std::optional<media::Track> track;
    unsigned length_size = 4;       ///< bytes of a NAL unit's length as they come in
    std::uint32_t bitrate = 0;      ///< bit/s as onMetaData said
    std::optional<bool> announced;  ///< what onMetaData said: it comes, it does not
    bool lost = false;              ///< a frame could not be read
  };

  Lane& lane(Message::Type type) { return type == Message::Type::video ? video_ : audio_; }
  Result<Output> read_sequence_header(const Message& message, const DataHeader& header);
  Result<Output> read_frame(const Message& message, const DataHeader& header, SteadyTime arrival);
  Result<Output> read_script(BytesView body);

  static Result<void> configure(Lane& lane, const CodecRow& row, Bytes config);
  static std::optional<Payload> nal_units(Lane& lane, Payload payload);
  [[nodiscard]] media::Tracks tracks() const;

  Lane video_;
  Lane audio_;
  Unwrapper<32> clock_;  ///< one for both tracks: their stamps are of one clock
};

}  // namespace sluice::flv
