#include "format/mpegts/program.hpp"

#include <algorithm>
#include <chrono>
#include <span>

#include "format/mpegts/packet.hpp"
#include "format/mpegts/pes.hpp"
#include "format/mpegts/pids.hpp"
#include "format/mpegts/psi.hpp"

namespace sluice::mpegts {

namespace {

/// How far other tracks may be ahead of the leading one before the clock goes on without it; well below kDecodeDelay.
constexpr Ticks kAhead = to_ticks(std::chrono::milliseconds(200));
/// The PCR comes at least so often (ETSI TS 101 154 section 4.1.5.2).
constexpr Ticks kClockInterval = to_ticks(std::chrono::milliseconds(40));

/// Index of the track whose frames carry the clock; the number of tracks where there is none.
std::size_t find_leading(std::span<const std::optional<Program::Elementary>> tracks, std::optional<std::uint16_t> pcr) {
  const auto first = [&](auto&& suits) {
    return static_cast<std::size_t>(
        std::ranges::find_if(tracks, [&](const auto& track) { return track && suits(*track); }) - tracks.begin());
  };
  const std::size_t asked = first([&](const auto& track) { return pcr && track.packets.pid() == *pcr; });
  const std::size_t video = first([](const auto& track) { return track.row->stream_id == kVideoStream; });
  const std::size_t audio = first([](const auto& track) { return track.row->stream_id == kAudioStream; });
  for (const std::size_t found : {asked, video, audio}) {
    if (found < tracks.size()) return found;
  }
  return first([](const auto&) { return true; });
}

}  // namespace

Program::Program(const media::Tracks& tracks, const MuxerOptions& options, unsigned version)
    : tracks_(tracks.size()), pat_packets_(kPatPid), pmt_packets_(kNullPid), sdt_packets_(kNullPid) {
  const Pids pids = assign_pids(tracks, options);
  Pmt pmt{.program_number = options.program, .version = static_cast<std::uint8_t>(version % 32)};
  std::uint8_t video = 0, audio = 0;
  for (std::size_t i = 0; i < tracks.size() && pmt.streams.size() < kMaxStreams; ++i) {
    const CodecRow* const row = row_for(tracks[i]);
    auto encoder = row != nullptr ? row->encoder(tracks[i]) : nullptr;
    if (!encoder) continue;
    std::uint8_t stream_id = row->stream_id;
    if (stream_id == kVideoStream) stream_id |= video++ % 16;
    if (stream_id == kAudioStream) stream_id |= audio++ % 32;
    pmt.streams.push_back({row->stream_type, pids.tracks[i], row->format_identifier, tracks[i].language});
    tracks_[i].emplace(row, std::move(encoder), PacketWriter(pids.tracks[i]), stream_id, false);
  }
  const std::size_t leading = find_leading(tracks_, pids.pcr);
  if (leading < tracks_.size()) {
    leading_ = &*tracks_[leading];
    leading_->leading = true;
    pmt.pcr_pid = pids.pcr.value_or(leading_->packets.pid());
    if (pmt.pcr_pid != leading_->packets.pid()) clock_packets_.emplace(pmt.pcr_pid);
  }
  pmt_packets_ = PacketWriter(pids.pmt);
  sdt_packets_ = PacketWriter(pids.sdt);
  pat_ = Pat{.programs = {{options.program, pids.pmt}}}.write();
  pmt_ = pmt.write();
  if (!options.title.empty() || !options.provider.empty()) {
    sdt_ = Sdt{.service_id = options.program, .provider = options.provider, .name = options.title}.write();
  }
}

void Program::succeed(const Program& before) {
  pat_packets_.succeed(before.pat_packets_);
  pmt_packets_.succeed(before.pmt_packets_);
  sdt_packets_.succeed(before.sdt_packets_);
  for (auto& track : tracks_) {
    if (!track) continue;
    track->packets.mark_discontinuity();
    for (const auto& other : before.tracks_) {
      if (other) track->packets.succeed(other->packets);
    }
  }
  clock_at_ = before.clock_at_;
  if (clock_packets_) clock_packets_->mark_discontinuity();
}

Program::Elementary* Program::find(std::uint32_t track) {
  return track < tracks_.size() && tracks_[track] ? &*tracks_[track] : nullptr;
}

bool Program::encode(const Elementary& track, const media::Frame& frame, ElementaryBytes& out) {
  out.clear();
  track.encoder->encode(frame, out);
  return out.size() > 0 && (track.row->stream_id == kVideoStream || out.size() <= PacketWriter::kMaxBounded);
}

void Program::tables(ByteWriter& out) {
  pat_packets_.section(out, pat_);
  pmt_packets_.section(out, pmt_);
  if (!sdt_.empty()) sdt_packets_.section(out, sdt_);
}

void Program::mark_tables() {
  for (PacketWriter* packets : {&pat_packets_, &pmt_packets_, &sdt_packets_}) packets->mark_discontinuity();
}

void Program::pes(ByteWriter& out, Elementary& track, const media::Frame& frame, const ElementaryBytes& es,
                  bool whole_turn) {
  const PesStart start{
      .stream_id = track.stream_id,
      .dts = frame.dts + kDecodeDelay,
      .pts = frame.pts + kDecodeDelay,
      .random_access_indicator = frame.random_access && (track.leading || track.row->stream_id == kVideoStream),
      .pcr = clock(out, track, frame.dts)};
  track.packets.pes(out, start, es, whole_turn);
}

/// The PCR that the frame's own packet is to carry. One that belongs into another packet is appended.
std::optional<Ticks> Program::clock(ByteWriter& out, const Elementary& track, Ticks dts) {
  PacketWriter& packets = clock_packets_ ? *clock_packets_ : leading_->packets;
  if (track.leading) {
    // It does not go back, but where time itself did: it is never later than the DTS that stands with it.
    const bool goes_on = clock_at_ && *clock_at_ > dts && *clock_at_ <= dts + kDecodeDelay;
    if (!goes_on) clock_at_ = dts;
    if (!clock_packets_) return clock_at_;
    packets.clock(out, *clock_at_);
  } else if (const Ticks due = dts - kAhead; !clock_at_ || due - *clock_at_ >= kClockInterval) {
    clock_at_ = due;
    packets.clock(out, due);
  }
  return std::nullopt;
}

}  // namespace sluice::mpegts
