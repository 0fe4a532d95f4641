#include "format/mpegts/muxer.hpp"

#include <chrono>

#include "format/mpegts/pes.hpp"

namespace sluice::mpegts {

namespace {
// The next frame may be a while away, and with it the tables.
constexpr Ticks kTablesInterval = to_ticks(std::chrono::milliseconds(400));
}  // namespace

Muxer::Muxer(const media::Tracks& tracks, MuxerOptions options)
    : options_(std::move(options)), program_(tracks, options_, version_) {}

void Muxer::tables(ByteWriter& out) { program_.tables(out); }

bool Muxer::frame(ByteWriter& out, const media::Frame& frame) {
  Program::Elementary* const track = program_.find(frame.track);
  if (track == nullptr || !Program::encode(*track, frame, es_)) return false;
  const bool due = tables_due(*track, frame);
  if (due) {
    program_.tables(out);
    tables_at_ = frame.dts;
  }
  program_.pes(out, *track, frame, es_);
  return due && track->leading && frame.random_access;
}

bool Muxer::tables_due(const Program::Elementary& track, const media::Frame& frame) const {
  if (!tables_at_ || frame.dts - *tables_at_ >= kTablesInterval) return true;
  return track.leading && track.row->stream_id == kVideoStream && frame.random_access;
}

void Muxer::change(const media::Tracks& tracks) {
  Program next(tracks, options_, ++version_);
  next.succeed(program_);
  program_ = std::move(next);
  tables_at_.reset();
}

}  // namespace sluice::mpegts
