#include "format/mpegts/psi.hpp"

#include <algorithm>

#include "format/mpegts/errc.hpp"

namespace sluice::mpegts {

namespace {

constexpr std::uint8_t kRegistrationDescriptor = 0x05;
constexpr std::uint8_t kLanguageDescriptor = 0x0a;
constexpr std::uint8_t kMetadataPointerDescriptor = 0x25;
constexpr std::uint8_t kMetadataDescriptor = 0x26;
constexpr std::uint8_t kServiceDescriptor = 0x48;

/// metadata_pointer_descriptor, section 2.6.58, as RFC 8216's ID3 timed metadata wants it: the metadata is in this
/// program.
void write_metadata_pointer(ByteWriter& out, std::uint32_t format_identifier, std::uint16_t program_number) {
  out.u8(kMetadataPointerDescriptor);
  out.u8(15);
  out.be16(0xffff);  // metadata_application_format: its identifier follows
  out.be32(format_identifier);
  out.u8(0xff);  // metadata_format: its identifier follows
  out.be32(format_identifier);
  out.u8(0);     // metadata_service_id
  out.u8(0x1f);  // no locator record, carried in this transport stream
  out.be16(program_number);
}

/// metadata_descriptor, section 2.6.60.
void write_metadata(ByteWriter& out, std::uint32_t format_identifier) {
  out.u8(kMetadataDescriptor);
  out.u8(13);
  out.be16(0xffff);
  out.be32(format_identifier);
  out.u8(0xff);
  out.be32(format_identifier);
  out.u8(0);     // metadata_service_id
  out.u8(0x0f);  // no decoder configuration, no DSM-CC
}

void write_stream_descriptors(ByteWriter& out, const Pmt::Stream& stream) {
  if (stream.format_identifier != 0 && stream.stream_type == kMetadataInPes) {
    write_metadata(out, stream.format_identifier);
  } else if (stream.format_identifier != 0) {
    out.u8(kRegistrationDescriptor);
    out.u8(4);
    out.be32(stream.format_identifier);
  }
  if (stream.language.size() == 3) {
    out.u8(kLanguageDescriptor);
    out.u8(4);
    out.text(stream.language);
    out.u8(0);  // audio_type: undefined
  }
}

void read_stream_descriptors(BytesView descriptors, Pmt::Stream& stream) {
  ByteReader r(descriptors);
  while (r.left() > 0) {
    const auto tag = r.u8();
    ByteReader body(r.bytes(r.u8()));
    if (tag == kRegistrationDescriptor && stream.stream_type != kMetadataInPes) {
      stream.format_identifier = body.be32();
    } else if (tag == kLanguageDescriptor) {
      stream.language = as_text(body.bytes(3));
    } else if (tag == kMetadataDescriptor && stream.stream_type == kMetadataInPes) {
      if (body.be16() == 0xffff) body.skip(4);
      if (body.u8() == 0xff) stream.format_identifier = body.be32();
    }
  }
}

/// `text` in at most `room` bytes, as ETSI EN 300 468 annex A wants it: ASCII as it is, else UTF-8 behind its selector.
std::string dvb_text(std::string_view text, std::size_t room) {
  const bool ascii = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
  std::string out = ascii ? "" : "\x15";
  std::size_t end = std::min(text.size(), room - out.size());
  while (end < text.size() && end > 0 && (text[end] & 0xc0) == 0x80) --end;  // in the middle of a character
  return out.append(text.substr(0, end));
}

}  // namespace

Bytes Pat::write() const {
  Bytes body;
  ByteWriter w(body);
  for (const Program& program : programs) {
    w.be16(program.number);
    w.be16(0xe000 | program.pmt_pid);
  }
  return Section{kPatTableId, transport_stream_id, version, true, body}.write();
}

Result<Pat> Pat::parse(const Section& section) {
  if (section.table_id != kPatTableId || section.body.size() % 4 != 0) return fail(Errc::bad_section);
  Pat pat{.transport_stream_id = section.table_id_extension, .version = section.version};
  ByteReader r(section.body);
  while (r.left() > 0) {
    const auto number = r.be16();
    const auto pid = static_cast<std::uint16_t>(r.be16() & 0x1fff);
    if (number != 0) pat.programs.push_back({number, pid});
  }
  return pat;
}

Bytes Pmt::write() const {
  Bytes body;
  ByteWriter w(body);
  w.be16(0xe000 | pcr_pid);
  Bytes descriptors;
  ByteWriter d(descriptors);
  const auto metadata = std::ranges::find(streams, kMetadataInPes, &Stream::stream_type);
  if (metadata != streams.end()) write_metadata_pointer(d, metadata->format_identifier, program_number);
  w.be16(0xf000 | descriptors.size());
  w.bytes(descriptors);
  for (const Stream& stream : streams) {
    descriptors.clear();
    write_stream_descriptors(d, stream);
    w.u8(stream.stream_type);
    w.be16(0xe000 | stream.pid);
    w.be16(0xf000 | descriptors.size());
    w.bytes(descriptors);
  }
  return Section{kPmtTableId, program_number, version, true, body}.write();
}

Result<Pmt> Pmt::parse(const Section& section) {
  if (section.table_id != kPmtTableId) return fail(Errc::bad_section);
  Pmt pmt{.program_number = section.table_id_extension, .version = section.version};
  ByteReader r(section.body);
  pmt.pcr_pid = r.be16() & 0x1fff;
  r.skip(r.be16() & 0x0fff);  // the program's descriptors say nothing that its streams do not
  while (r.ok() && r.left() > 0) {
    Stream stream{.stream_type = r.u8()};
    stream.pid = r.be16() & 0x1fff;
    read_stream_descriptors(r.bytes(r.be16() & 0x0fff), stream);
    if (pmt.streams.size() == kMaxStreams) return fail(Errc::too_many);
    pmt.streams.push_back(std::move(stream));
  }
  if (!r.ok()) return fail(Errc::bad_section);
  return pmt;
}

Bytes Sdt::write() const {
  constexpr std::size_t kRoom = 120;  // both texts and the three bytes beside them share one descriptor of 255 bytes
  const std::string provider_text = dvb_text(provider, kRoom);
  const std::string name_text = dvb_text(name, kRoom);
  Bytes body;
  ByteWriter w(body);
  w.be16(0xff01);  // original_network_id: private, temporary use
  w.u8(0xff);      // reserved
  w.be16(service_id);
  w.u8(0xfc);  // no EIT
  const std::size_t descriptor = 3 + provider_text.size() + name_text.size();
  w.be16(0x8000 | (2 + descriptor));  // running, not scrambled
  w.u8(kServiceDescriptor);
  w.u8(descriptor);
  w.u8(0x01);  // service_type: digital television
  w.u8(provider_text.size());
  w.text(provider_text);
  w.u8(name_text.size());
  w.text(name_text);
  return Section{kSdtTableId, transport_stream_id, version, true, body}.write();
}

}  // namespace sluice::mpegts
