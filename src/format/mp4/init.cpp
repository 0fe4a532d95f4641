#include "format/mp4/init.hpp"

#include <algorithm>

#include "format/mp4/codecs.hpp"
#include "format/mp4/init_boxes.hpp"

namespace sluice::mp4 {
namespace {

constexpr std::size_t kMaxTracks = 64;
constexpr std::uint16_t kUndetermined = 0x55c4;  // "und"

// ISO/IEC 14496-12 8.4.2.3: three letters of 5 bits, each less 0x60.
std::uint16_t pack_language(std::string_view language) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (language.size() != 3 || !std::ranges::all_of(language, is_letter)) return kUndetermined;
  unsigned packed = 0;
  for (const char c : language) packed = packed << 5 | static_cast<unsigned>(c - 0x60);
  return static_cast<std::uint16_t>(packed);
}

std::string unpack_language(std::uint16_t packed) {
  if (packed == kUndetermined) return {};
  std::string language;
  for (const int shift : {10, 5, 0}) language += static_cast<char>((packed >> shift & 0x1f) + 0x60);
  return pack_language(language) == packed ? language : std::string{};
}

void write_file_type(ByteWriter& out, bool single_track) {
  const BoxScope ftyp(out, fourcc("ftyp"));
  out.be32(fourcc("iso6"));
  out.be32(0);  // minor version
  out.be32(fourcc("iso6"));
  // A CMAF header has one track (ISO/IEC 23000-19 7.3.1).
  if (single_track) out.be32(fourcc("cmfc"));
}

// A table of samples without entries: all samples are in fragments. `size` is of its fields, version and count
// included.
void write_empty_table(ByteWriter& out, FourCC type, std::size_t size) {
  const BoxScope scope(out, type);
  out.zeros(size);
}

void write_sample_table(ByteWriter& out, const media::Track& track) {
  const BoxScope stbl(out, fourcc("stbl"));
  {
    const BoxScope stsd(out, fourcc("stsd"));
    out.be32(0);  // version and flags
    out.be32(1);  // entry_count
    write_sample_entry(out, track);
  }
  write_empty_table(out, fourcc("stts"), 8);
  write_empty_table(out, fourcc("stsc"), 8);
  write_empty_table(out, fourcc("stsz"), 12);
  write_empty_table(out, fourcc("stco"), 8);
}

void write_media_information(ByteWriter& out, const media::Track& track) {
  const BoxScope minf(out, fourcc("minf"));
  switch (track.content()) {
    case media::Content::video: write_box(out, VideoMediaHeader{}); break;
    case media::Content::audio: write_empty_table(out, fourcc("smhd"), 8); break;
    case media::Content::text:
    case media::Content::data: write_empty_table(out, fourcc("nmhd"), 4); break;
  }
  {
    const BoxScope dinf(out, fourcc("dinf"));
    const BoxScope dref(out, fourcc("dref"));
    out.be32(0);  // version and flags
    out.be32(1);  // entry_count
    write_box(out, DataEntryUrl{});
  }
  write_sample_table(out, track);
}

FourCC handler_of(media::Content content) {
  switch (content) {
    case media::Content::video: return fourcc("vide");
    case media::Content::audio: return fourcc("soun");
    case media::Content::text: return fourcc("text");
    case media::Content::data: break;
  }
  return fourcc("meta");
}

void write_track(ByteWriter& out, const InitTrack& in) {
  const media::Track& track = in.track;
  const BoxScope trak(out, fourcc("trak"));
  constexpr std::uint16_t kFullVolume = 0x0100;
  write_box(out, TrackHeader{.track_id = in.track_id,
                             .volume = track.content() == media::Content::audio ? kFullVolume : std::uint16_t{0},
                             .width = track.details.width << 16,
                             .height = track.details.height << 16});
  const BoxScope mdia(out, fourcc("mdia"));
  write_box(out, MediaHeader{.timescale = track.timescale(), .language = pack_language(track.language)});
  write_box(out, Handler{handler_of(track.content())});
  write_media_information(out, track);
}

void write_movie(ByteWriter& out, std::span<const InitTrack> tracks) {
  const BoxScope moov(out, fourcc("moov"));
  std::uint32_t last_id = 0;
  for (const InitTrack& track : tracks) last_id = std::max(last_id, track.track_id);
  write_box(out, MovieHeader{.next_track_id = last_id + 1});
  for (const InitTrack& track : tracks) write_track(out, track);
  const BoxScope mvex(out, fourcc("mvex"));
  for (const InitTrack& track : tracks) write_box(out, TrackExtends{.track_id = track.track_id});
}

Result<BytesView> first_sample_entry(BytesView mdia) {
  constexpr std::array kPath{fourcc("minf"), fourcc("stbl"), fourcc("stsd")};
  const auto stsd = find_box(mdia, kPath);
  if (!stsd) return stsd;
  constexpr std::size_t kVersionAndCount = 8;
  if (stsd->size() <= kVersionAndCount) return fail(Errc::missing_box);
  return stsd->subspan(kVersionAndCount);
}

Result<TrackInfo> read_track(BytesView trak) {
  TrackInfo info;
  const auto header = find_fields<TrackHeader>(trak);
  if (!header) return fail(header.error());
  info.id = header->track_id;
  info.width = header->width >> 16;
  info.height = header->height >> 16;

  const auto mdia = find_box(trak, fourcc("mdia"));
  if (!mdia) return fail(mdia.error());
  const auto media_header = find_fields<MediaHeader>(*mdia);
  if (!media_header) return fail(media_header.error());
  info.timescale = media_header->timescale;
  info.language = unpack_language(media_header->language);
  if (info.id == 0 || info.timescale == 0) return fail(Errc::bad_value);

  const auto entries = first_sample_entry(*mdia);
  if (!entries) return fail(entries.error());
  const auto entry = read_box(*entries);
  if (!entry) return fail(Errc::bad_box);
  if (auto read = read_sample_entry(*entry, info); !read) return fail(read.error());
  return info;
}

Result<void> read_defaults(BytesView mvex, Init& init) {
  return for_each_box(mvex, [&init](const BoxView& box) -> Result<void> {
    if (box.type != TrackExtends::kType) return {};
    const auto trex = read_fields<TrackExtends>(box.body);
    if (!trex) return fail(trex.error());
    const auto track = std::ranges::find(init.tracks, trex->track_id, &TrackInfo::id);
    if (track != init.tracks.end()) track->defaults = {trex->duration, trex->size, trex->flags};
    return {};
  });
}

}  // namespace

Bytes write_init(std::span<const InitTrack> tracks) {
  Bytes bytes;
  ByteWriter out(bytes);
  write_file_type(out, tracks.size() == 1);
  write_movie(out, tracks);
  return bytes;
}

const TrackInfo* Init::find(std::uint32_t track_id) const {
  const auto found = std::ranges::find(tracks, track_id, &TrackInfo::id);
  return found == tracks.end() ? nullptr : &*found;
}

Result<Init> read_init(BytesView in) {
  const auto moov = seek_box(in, 0, fourcc("moov"), Errc::missing_box);
  if (!moov) return fail(moov.error());
  Init init;
  auto read = for_each_box(moov->box.body, [&init](const BoxView& box) -> Result<void> {
    if (box.type != fourcc("trak")) return {};
    if (init.tracks.size() == kMaxTracks) return fail(Errc::too_many);
    auto track = read_track(box.body);
    if (!track) return fail(track.error());
    if (init.find(track->id)) return fail(Errc::bad_value);
    init.tracks.push_back(std::move(*track));
    return {};
  });
  if (!read) return fail(read.error());
  if (const auto mvex = find_box(moov->box.body, fourcc("mvex"))) {
    if (auto defaults = read_defaults(*mvex, init); !defaults) return fail(defaults.error());
  }
  return init;
}

}  // namespace sluice::mp4
