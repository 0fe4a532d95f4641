#include "format/mpegts/segment.hpp"

#include <chrono>
#include <optional>
#include <vector>

#include "format/mpegts/crc32.hpp"
#include "format/mpegts/elementary_bytes.hpp"
#include "format/mpegts/packet.hpp"
#include "format/mpegts/program.hpp"

namespace sluice::mpegts {

namespace {

/// A frame joins a PES packet of audio that began less than this before it: so the clock comes every 100 ms also where
/// it rides on audio, as ISO/IEC 13818-1 section 2.7.2 wants it.
constexpr Ticks kMaxAudio = to_ticks(std::chrono::milliseconds(70));

/// Frames of one track that share a PES packet.
struct Unit {
  std::uint32_t track;
  std::vector<const media::Frame*> frames;
  std::size_t size = 0;  ///< bytes of their payloads, and room for their headers
  bool last = false;     ///< of its track in the segment
};

/// Cuts the frames of a segment into PES packets, in the order in which these begin.
class Units {
 public:
  explicit Units(const media::Tracks& tracks) : tracks_(tracks), open_(tracks.size(), kNone) {}

  void add(const media::Frame& frame) {
    constexpr std::size_t kHeader = 16;
    std::size_t& open = open_[frame.track];
    if (open == kNone || !continues(units_[open], frame)) {
      open = units_.size();
      units_.push_back({.track = frame.track});
    }
    units_[open].frames.push_back(&frame);
    units_[open].size += frame.payload.size() + kHeader;
  }

  std::vector<Unit> take() {
    for (const std::size_t last : open_) {
      if (last != kNone) units_[last].last = true;
    }
    return std::move(units_);
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  /// Only the first frame of a PES packet has a stamp. Others follow if a reader who counts samples finds the very
  /// stamps that they have.
  [[nodiscard]] bool continues(const Unit& unit, const media::Frame& frame) const {
    const media::Track& track = tracks_[frame.track];
    if (track.content() != media::Content::audio || track.details.sample_rate == 0) return false;
    const media::Frame& first = *unit.frames.front();
    const auto samples = static_cast<std::int64_t>(unit.frames.size() * track.details.samples_per_frame);
    return frame.pts == frame.dts && first.pts == first.dts && frame.dts - first.dts < kMaxAudio &&
           frame.dts == first.dts + from_rate(samples, track.details.sample_rate) &&
           unit.size + frame.payload.size() < PacketWriter::kMaxBounded / 2;
  }

  const media::Tracks& tracks_;
  std::vector<Unit> units_;
  std::vector<std::size_t> open_;  // by track: the index of its last unit
};

/// A version for the PMT that another set of tracks hardly shares, though nothing is known of the segment before.
unsigned version_of(const media::Tracks& tracks) {
  Bytes all;
  ByteWriter w(all);
  for (const media::Track& track : tracks) {
    w.text(track.id);
    w.text(track.codec->name);
    w.bytes(track.config.view());
    w.text(track.language);
  }
  return crc32(all) % 32;
}

}  // namespace

Bytes segment(const media::Tracks& tracks, std::span<const media::Frame> frames, const MuxerOptions& options) {
  Program program(tracks, options, version_of(tracks));
  Units cut(tracks);
  std::size_t size = 0;
  std::optional<Ticks> begin, leading_begin;
  ElementaryBytes es;
  for (const media::Frame& frame : frames) {
    const Program::Elementary* const track = program.find(frame.track);
    if (track == nullptr || !Program::encode(*track, frame, es)) continue;
    cut.add(frame);
    size += es.size();
    if (!begin) begin = frame.dts;
    if (!leading_begin && track->leading) leading_begin = frame.dts;
  }
  // From here on the clock is later than in the segment before, whatever that held.
  if (begin) program.expect_clock(leading_begin.value_or(*begin));
  const std::vector<Unit> units = cut.take();
  Bytes out;
  out.reserve(size + size / 16 + units.size() * kPacketSize + 16 * kPacketSize * (tracks.size() + 1));
  ByteWriter w(out);
  program.mark_tables();
  program.tables(w);
  for (const Unit& unit : units) {
    Program::Elementary& track = *program.find(unit.track);
    es.clear();
    for (const media::Frame* frame : unit.frames) track.encoder->encode(*frame, es);
    program.pes(w, track, *unit.frames.front(), es, unit.last);
  }
  return out;
}

}  // namespace sluice::mpegts
