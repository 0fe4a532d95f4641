#include "load/stamped_writer.hpp"

#include <array>

#include "format/flv/writer.hpp"
#include "load/stamp.hpp"

namespace sluice::load {

void StampedWriter::headers(const Emit& emit) const { flv::StreamWriter(clip_->tracks()).headers(emit); }

void StampedWriter::frame(const ClipLoop::Next& next, const Emit& emit) {
  const media::Track& track = clip_->tracks()[next.frame.track];
  const auto prefix = flv::frame_prefix(track, next.frame);
  const auto payload = next.frame.payload.view();
  const auto ms = flv::timestamp_ms(next.dts);
  const bool video = track.content() == media::Content::video;
  if (video) ++picture_;
  if (track.codec->name != "h264") {
    emit(video ? flv::Message::Type::video : flv::Message::Type::audio, ms, std::array{prefix.view(), payload});
    return;
  }
  const Bytes stamp = write_stamp(Stamp::now(run_, picture_));
  Bytes length;
  ByteWriter(length).be32(static_cast<std::uint32_t>(stamp.size()));
  const auto place = place_for_stamp(payload);
  emit(flv::Message::Type::video, ms,
       std::array<BytesView, 5>{prefix.view(), payload.first(place), length, stamp, payload.subspan(place)});
}

}  // namespace sluice::load
