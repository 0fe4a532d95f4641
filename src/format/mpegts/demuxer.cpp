#include "format/mpegts/demuxer.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <vector>

#include "core/unwrap.hpp"
#include "format/mpegts/codecs.hpp"
#include "format/mpegts/continuity.hpp"
#include "format/mpegts/packet.hpp"
#include "format/mpegts/pes_assembler.hpp"
#include "format/mpegts/psi.hpp"

namespace sluice::mpegts {

namespace {

// How long frames wait for tracks that the PMT names, but whose parameters have not come.
constexpr Ticks kMaxWait = to_ticks(std::chrono::seconds(3));
constexpr std::size_t kMaxWaitBytes = 8u << 20;

/// An elementary stream of the program.
struct Stream {
  std::uint16_t pid;
  const CodecRow* row;
  media::Track track;
  std::unique_ptr<Decoder> decoder;
  Continuity continuity;
  PesAssembler pes;
  bool loss = false;                   // something is missing since its last frame
  std::optional<std::uint32_t> index;  // in the tracks that were told

  /// True where its parameters are known, or it has none.
  [[nodiscard]] bool ready() const { return !track.config.empty() || track.content() == media::Content::data; }
};

/// An ISO 639-2 code, or nothing for what is none or says nothing.
std::string language_of(const std::string& code) {
  const bool letters = code.size() == 3 && std::ranges::all_of(code, [](char c) { return c >= 'a' && c <= 'z'; });
  return letters && code != "und" ? code : "";
}

}  // namespace

class Demuxer::Reader {
 public:
  void push(BytesView in);
  void finish();
  std::optional<Event> next();

  DemuxerCounters counters;

 private:
  std::size_t scan(BytesView in);
  void packet(const PacketView& packet);
  void pat(const PacketView& packet);
  void pmt(const PacketView& packet);
  void set_streams(const Pmt& pmt);
  void stream(Stream& stream, const PacketView& packet);
  void pes(Stream& stream, const PesPacket& packet);
  void frame(Stream& stream, DecodedFrame decoded);
  [[nodiscard]] bool waiting() const;
  void tell();
  bool in_order(Continuity& continuity, const PacketView& packet, auto&& lost);

  bool in_sync_ = false;
  Bytes tail_;  // less than two packets, of which the rest has not come

  Continuity pat_continuity_, pmt_continuity_;
  SectionAssembler pat_sections_, pmt_sections_;
  std::optional<Pat::Program> program_;
  std::optional<Pmt> pmt_;
  std::vector<std::unique_ptr<Stream>> streams_;  // as the PMT has them
  std::vector<DecodedFrame> decoded_;             // of the PES packet at hand; kept for its capacity
  Unwrapper<33> clock_;                           // of all streams, so that they stay together

  bool told_ = false;                                  // tracks were told, and
  bool changed_ = false;                               // are not what they were
  std::deque<std::pair<Stream*, media::Frame>> held_;  // until tracks are told
  std::size_t held_bytes_ = 0;
  std::deque<Event> events_;
};

void Demuxer::Reader::push(BytesView in) {
  while (!tail_.empty() && !in.empty()) {
    const std::size_t n = std::min(in.size(), kPacketSize - tail_.size() % kPacketSize);
    tail_.insert(tail_.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(n));
    in = in.subspan(n);
    tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(scan(tail_)));
  }
  if (in.empty()) return;
  const auto rest = in.subspan(scan(in));
  tail_.assign(rest.begin(), rest.end());
}

/// Reads the packets at the front of `in`; returns how many bytes are done with. Where sync was lost, a sync byte
/// counts only with another one a packet behind it.
std::size_t Demuxer::Reader::scan(BytesView in) {
  std::size_t at = 0;
  while (in.size() - at >= kPacketSize) {
    if (in_sync_ && in[at] == kSyncByte) {
      ++counters.packets;
      const auto packet_view = PacketView::parse(in.subspan(at));
      if (packet_view) packet(*packet_view);
      if (!packet_view) ++counters.bad_packets;
      at += kPacketSize;
      continue;
    }
    if (std::exchange(in_sync_, false)) ++counters.resyncs;
    if (in.size() - at == kPacketSize && in[at] == kSyncByte) break;
    in_sync_ = in[at] == kSyncByte && in[at + kPacketSize] == kSyncByte;
    if (in_sync_) continue;
    ++at;
    ++counters.skipped_bytes;
  }
  return at;
}

void Demuxer::Reader::finish() {
  // A single packet at the end has nothing behind it that could prove it.
  if (const auto last = PacketView::parse(tail_)) {
    ++counters.packets;
    packet(*last);
  }
  tail_.clear();
  for (const auto& stream : streams_) {
    stream->pes.finish([&](const PesPacket& packet) { pes(*stream, packet); });
  }
  if (!held_.empty()) tell();
}

/// Follows the counter of a PID; false where the packet is not to be used. Calls lost() where packets are missing.
bool Demuxer::Reader::in_order(Continuity& continuity, const PacketView& packet, auto&& lost) {
  const auto verdict = continuity.check(packet);
  if (verdict == Continuity::Verdict::duplicate) ++counters.duplicates;
  if (verdict == Continuity::Verdict::lost) {
    ++counters.continuity_errors;
    lost();
  }
  return verdict != Continuity::Verdict::duplicate && packet.payload.has_value();
}

void Demuxer::Reader::packet(const PacketView& packet) {
  if (packet.pid == kNullPid) return;
  if (packet.transport_error_indicator || packet.scrambled) {
    ++counters.bad_packets;  // the gap that it leaves is found by the counter of its PID
    return;
  }
  if (packet.pid == kPatPid) return pat(packet);
  if (program_ && packet.pid == program_->pmt_pid) return pmt(packet);
  const auto found = std::ranges::find(streams_, packet.pid, &Stream::pid);
  if (found != streams_.end()) stream(**found, packet);
}

void Demuxer::Reader::pat(const PacketView& packet) {
  if (!in_order(pat_continuity_, packet, [&] { pat_sections_.reset(); })) return;
  pat_sections_.push(*packet.payload, packet.payload_unit_start_indicator, [&](BytesView bytes) {
    const auto section = Section::parse(bytes);
    const auto pat = section ? Pat::parse(*section) : fail(section.error());
    if (!pat) ++counters.bad_sections;
    if (!pat || !section->current || pat->programs.empty()) return;
    if (program_ && std::ranges::find(pat->programs, *program_) != pat->programs.end()) return;
    program_ = pat->programs.front();
    pmt_continuity_ = {};
    pmt_sections_.reset();
  });
}

void Demuxer::Reader::pmt(const PacketView& packet) {
  if (!in_order(pmt_continuity_, packet, [&] { pmt_sections_.reset(); })) return;
  pmt_sections_.push(*packet.payload, packet.payload_unit_start_indicator, [&](BytesView bytes) {
    if (std::to_integer<std::uint8_t>(bytes[0]) != kPmtTableId) return;  // others may share the PID
    const auto section = Section::parse(bytes);
    auto pmt = section ? Pmt::parse(*section) : fail(section.error());
    if (!pmt) ++counters.bad_sections;
    if (!pmt || !section->current || pmt->program_number != program_->number || pmt_ == *pmt) return;
    pmt_ = std::move(*pmt);
    set_streams(*pmt_);
  });
}

/// Takes over the streams of a new PMT. Those that go on keep their state.
void Demuxer::Reader::set_streams(const Pmt& pmt) {
  if (!held_.empty()) tell();
  std::vector<std::unique_ptr<Stream>> before = std::exchange(streams_, {});
  for (const Pmt::Stream& entry : pmt.streams) {
    const CodecRow* const row = row_for(entry.stream_type, entry.format_identifier);
    if (row == nullptr || std::ranges::any_of(streams_, [&](const auto& s) { return s->pid == entry.pid; })) continue;
    const auto same =
        std::ranges::find_if(before, [&](const auto& s) { return s && s->pid == entry.pid && s->row == row; });
    auto stream = same != before.end() ? std::move(*same) : std::make_unique<Stream>();
    if (!stream->decoder) {
      stream->pid = entry.pid;
      stream->row = row;
      stream->decoder = row->decoder();
      stream->track.codec = media::find_codec(row->codec);
      changed_ |= stream->ready();
    }
    auto language = language_of(entry.language);
    changed_ |= stream->index && stream->track.language != language;
    stream->track.language = std::move(language);
    streams_.push_back(std::move(stream));
  }
  for (const auto& gone : before) {
    changed_ |= gone && gone->index;
  }
}

void Demuxer::Reader::stream(Stream& stream, const PacketView& packet) {
  const auto lost = [&] {
    stream.loss = true;
    stream.pes.lost();
  };
  if (!in_order(stream.continuity, packet, lost)) return;
  const auto dropped = stream.pes.dropped();
  stream.pes.push(*packet.payload, packet.payload_unit_start_indicator, packet.random_access_indicator,
                  [&](const PesPacket& found) { pes(stream, found); });
  counters.bad_packets += stream.pes.dropped() - dropped;
}

void Demuxer::Reader::pes(Stream& stream, const PesPacket& packet) {
  PesUnit unit{
      .random_access_indicator = packet.random_access_indicator, .corrupt = packet.corrupt, .data = packet.payload};
  if (const auto pts = packet.header.pts) {
    const auto dts = packet.header.dts.value_or(*pts);
    constexpr std::int64_t kTurn = std::int64_t{1} << 33;
    const auto ahead = static_cast<std::int64_t>((*pts - dts) % kTurn);
    unit.dts = Ticks(clock_.unwrap(dts));
    unit.pts = *unit.dts + Ticks(ahead < kTurn / 2 ? ahead : 0);  // a frame is not shown before it is decoded
  }
  decoded_.clear();
  counters.bad_frames += stream.decoder->decode(unit, decoded_);
  for (DecodedFrame& decoded : decoded_) frame(stream, std::move(decoded));
}

void Demuxer::Reader::frame(Stream& stream, DecodedFrame decoded) {
  if (decoded.config) {
    stream.track.config = Payload::own(std::move(*decoded.config));
    stream.track.details = stream.track.codec->details(stream.track.config.view()).value_or(media::CodecDetails{});
    changed_ = true;
  }
  if (!stream.ready()) {
    ++counters.bad_frames;
    return;
  }
  media::Frame& frame = decoded.frame;
  frame.after_loss = stream.loss;
  if (!frame.corrupt) stream.loss = false;
  if (told_) {
    if (changed_ || !stream.index) tell();
    frame.track = *stream.index;
    events_.push_back(std::move(frame));
    return;
  }
  held_bytes_ += frame.payload.size() + sizeof(media::Frame);
  held_.emplace_back(&stream, std::move(frame));
  if (!waiting()) tell();
}

/// True as long as tracks may still turn up that belong to the first ones.
bool Demuxer::Reader::waiting() const {
  return held_bytes_ < kMaxWaitBytes && held_.back().second.dts - held_.front().second.dts < kMaxWait &&
         !std::ranges::all_of(streams_, &Stream::ready);
}

/// Tells the tracks that are ready, and the frames that have waited for them.
void Demuxer::Reader::tell() {
  media::Tracks tracks;
  for (const auto& stream : streams_) {
    stream->index.reset();
    if (!stream->ready()) continue;
    stream->index = static_cast<std::uint32_t>(tracks.size());
    tracks.push_back(stream->track);
  }
  media::assign_ids(tracks);
  events_.emplace_back(std::move(tracks));
  told_ = true;
  changed_ = false;
  held_bytes_ = 0;
  for (auto& [stream, frame] : std::exchange(held_, {})) {
    frame.track = *stream->index;
    events_.emplace_back(std::move(frame));
  }
}

std::optional<Demuxer::Event> Demuxer::Reader::next() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

Demuxer::Demuxer() : reader_(std::make_unique<Reader>()) {}
Demuxer::~Demuxer() = default;
Demuxer::Demuxer(Demuxer&&) noexcept = default;
Demuxer& Demuxer::operator=(Demuxer&&) noexcept = default;

void Demuxer::push(BytesView in) { reader_->push(in); }
void Demuxer::finish() { reader_->finish(); }
std::optional<Demuxer::Event> Demuxer::next() { return reader_->next(); }
const DemuxerCounters& Demuxer::counters() const { return reader_->counters; }

}  // namespace sluice::mpegts
