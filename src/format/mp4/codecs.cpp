#include "format/mp4/codecs.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/assert.hpp"
#include "format/mp4/esds.hpp"
#include "format/mp4/init_boxes.hpp"
#include "media/codec_table.hpp"

namespace sluice::mp4 {
namespace {

bool is_object_type(const CodecRow& row, std::uint8_t type_indication) {
  return type_indication != 0 && std::ranges::find(row.object_types, type_indication) != row.object_types.end();
}

// A sample entry's fields of 16 bits hold 0 where the value does not fit.
std::uint16_t narrow(std::uint32_t value) {
  return value > std::numeric_limits<std::uint16_t>::max() ? 0 : static_cast<std::uint16_t>(value);
}

void write_config(ByteWriter& out, FourCC type, BytesView config) {
  const BoxScope scope(out, type);
  out.bytes(config);
}

Result<bool> read_config(BytesView children, FourCC type, TrackInfo& out) {
  const auto config = find_box(children, type);
  if (!config) return fail(config.error());
  out.config.assign(config->begin(), config->end());
  return true;
}

// ISO/IEC 14496-15 5.4.2.
void write_avc(ByteWriter& out, const media::Track& track, const CodecRow&) {
  const media::CodecDetails& details = track.details;
  FieldsOut io(out);
  VisualSampleEntry fields{narrow(details.pixel_width ? details.pixel_width : details.width),
                           narrow(details.pixel_height ? details.pixel_height : details.height)};
  visit(fields, io);
  write_config(out, fourcc("avcC"), track.config.view());
  // CMAF (ISO/IEC 23000-19 9.2.3) wants the aspect ratio of the pixels stated also where it is 1:1.
  if (details.sar_width != 0 && details.sar_height != 0) {
    write_box(out, PixelAspectRatio{details.sar_width, details.sar_height});
  }
}

Result<bool> read_avc(BytesView entry, const CodecRow&, TrackInfo& out) {
  ByteReader in(entry);
  if (const auto fields = read_fields<VisualSampleEntry>(in); !fields) return fail(fields.error());
  return read_config(in.rest(), fourcc("avcC"), out);
}

// ISO/IEC 14496-14 6.7.
void write_mp4a(ByteWriter& out, const media::Track& track, std::uint8_t object_type, BytesView config) {
  FieldsOut io(out);
  AudioSampleEntry fields{narrow(track.details.channels), narrow(track.details.sample_rate)};
  visit(fields, io);
  const BoxScope scope(out, fourcc("esds"));
  write_es_descriptor(out, {object_type, config});
}

void write_aac(ByteWriter& out, const media::Track& track, const CodecRow& row) {
  write_mp4a(out, track, row.object_types.front(), track.config.view());
}

// The track's config is its first frame's header, which every frame repeats; an `esds` has no place for it.
void write_mp3(ByteWriter& out, const media::Track& track, const CodecRow& row) {
  write_mp4a(out, track, row.object_types.front(), {});
}

Result<bool> read_mp4a(BytesView entry, const CodecRow& row, TrackInfo& out) {
  ByteReader in(entry);
  const auto fields = read_fields<AudioSampleEntry>(in);
  if (!fields) return fail(fields.error());
  const auto body = find_box(in.rest(), fourcc("esds"));
  if (!body) return fail(body.error());
  const auto descriptor = read_es_descriptor(*body);
  if (!descriptor) return fail(descriptor.error());
  if (!is_object_type(row, descriptor->object_type)) return false;
  out.channels = fields->channels;
  out.sample_rate = fields->sample_rate;
  out.config.assign(descriptor->decoder_config.begin(), descriptor->decoder_config.end());
  return true;
}

// ISO/IEC 14496-30 7.5: the configuration is the header of the WebVTT file.
void write_wvtt(ByteWriter& out, const media::Track& track, const CodecRow&) {
  FieldsOut(out).fixed(kSampleEntry);
  write_config(out, fourcc("vttC"), track.config.empty() ? as_bytes("WEBVTT") : track.config.view());
}

Result<bool> read_wvtt(BytesView entry, const CodecRow&, TrackInfo& out) {
  ByteReader in(entry);
  in.skip(kSampleEntry.size());
  return read_config(in.rest(), fourcc("vttC"), out);
}

// ISO/IEC 14496-12 12.3.3: a URI says what the samples are.
void write_urim(ByteWriter& out, const media::Track&, const CodecRow& row) {
  FieldsOut(out).fixed(kSampleEntry);
  const BoxScope scope(out, fourcc("uri "));
  out.be32(0);  // version and flags
  out.text(row.uri);
  out.u8(0);
}

Result<bool> read_urim(BytesView entry, const CodecRow& row, TrackInfo&) {
  ByteReader in(entry);
  in.skip(kSampleEntry.size());
  const auto body = find_box(in.rest(), fourcc("uri "));
  if (!body) return fail(body.error());
  ByteReader label(*body);
  label.skip(4);  // version and flags
  const std::string_view text = as_text(label.rest());
  return text.substr(0, text.find('\0')) == row.uri;
}

constinit media::CodecTable table(std::array{
    CodecRow{"h264", fourcc("avc1"), write_avc, read_avc},
    CodecRow{"aac", fourcc("mp4a"), write_aac, read_mp4a, {0x40, 0x66, 0x67, 0x68}},
    CodecRow{"mp3", fourcc("mp4a"), write_mp3, read_mp4a, {0x6b, 0x69}},
    CodecRow{"webvtt", fourcc("wvtt"), write_wvtt, read_wvtt},
    // By the names that they have in event messages: of AOM's "Carriage of ID3 Timed Metadata in CMAF", of MISB ST
    // 1910.
    CodecRow{"id3", fourcc("urim"), write_urim, read_urim, {}, "https://aomedia.org/emsg/ID3"},
    CodecRow{"klv", fourcc("urim"), write_urim, read_urim, {}, "urn:misb:KLV:bin:1910.1"},
});

const CodecRow* row_of(const media::Codec& codec) {
  const auto found = std::ranges::find(table.rows(), codec.name, &CodecRow::codec);
  return found == table.rows().end() ? nullptr : &*found;
}

}  // namespace

void add_codec(const CodecRow& row) { table.add(row); }

bool carries(const media::Codec& codec) { return row_of(codec) != nullptr; }

void write_sample_entry(ByteWriter& out, const media::Track& track) {
  const CodecRow* row = row_of(*track.codec);
  SLUICE_ASSERT(row != nullptr, "asked carries() before");
  const BoxScope scope(out, row->type);
  row->write(out, track, *row);
}

Result<void> read_sample_entry(const BoxView& entry, TrackInfo& out) {
  for (const CodecRow& row : table.rows()) {
    if (row.type != entry.type) continue;
    const auto read = row.read(entry.body, row, out);
    if (!read) return fail(read.error());
    if (!*read) continue;
    out.codec = media::find_codec(row.codec);
    return {};
  }
  return {};
}

}  // namespace sluice::mp4
