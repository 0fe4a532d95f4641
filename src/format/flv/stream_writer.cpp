#include "format/flv/stream_writer.hpp"

#include <algorithm>
#include <array>

#include "format/flv/writer.hpp"

namespace sluice::flv {
namespace {

Message::Type type_of(const media::Track& track) {
  return track.content() == media::Content::video ? Message::Type::video : Message::Type::audio;
}

}  // namespace

bool StreamWriter::has(media::Content content) const {
  return std::ranges::find(carried_, content, &media::Track::content) != carried_.end();
}

void StreamWriter::set_tracks(const media::Tracks& tracks) {
  all_ = tracks;
  carried_.clear();
  is_carried_.assign(tracks.size(), false);
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (!carries(*tracks[i].codec) || has(tracks[i].content())) continue;
    is_carried_[i] = true;
    carried_.push_back(tracks[i]);
  }
}

void StreamWriter::headers(const Emit& emit) const {
  const Bytes metadata = metadata_body(carried_);
  const BytesView script(metadata);
  emit(Message::Type::script, last_ms_, std::span(&script, 1));
  for (const media::Track& track : carried_) {
    const auto body = sequence_header_body(track);
    if (!body) continue;
    const BytesView header(*body);
    emit(type_of(track), last_ms_, std::span(&header, 1));
  }
}

void StreamWriter::frame(const media::Frame& frame, const Emit& emit) {
  if (!is_carried_[frame.track]) return;
  const media::Track& track = all_[frame.track];
  const FramePrefix prefix = frame_prefix(track, frame);
  const std::array<BytesView, 2> body{BytesView(prefix.bytes).first(prefix.size), frame.payload.view()};
  last_ms_ = timestamp_ms(frame.dts);
  emit(type_of(track), last_ms_, body);
}

}  // namespace sluice::flv
