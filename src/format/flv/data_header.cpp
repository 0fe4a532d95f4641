#include "format/flv/data_header.hpp"

#include "format/flv/errc.hpp"

namespace sluice::flv {

namespace {

std::int32_t signed24(std::uint32_t value) { return static_cast<std::int32_t>(value << 8) >> 8; }

}  // namespace

Result<std::optional<DataHeader>> read_data_header(Message::Type type, BytesView body) {
  if (body.empty()) return std::nullopt;  // Flash and some encoders send these when they mute a track
  ByteReader r(body);
  const bool is_video = type == Message::Type::video;
  const unsigned first = r.u8();
  const unsigned frame_type = first >> 4;
  if (is_video && frame_type == kCommandFrame) return std::nullopt;
  if (is_video && (frame_type < kKeyFrame || frame_type > kCommandFrame)) return fail(Errc::unknown_frame_type);
  const auto row = find_row(type, is_video ? first & 0x0f : first >> 4);
  if (!row) return std::unexpected(row.error());

  DataHeader header{.row = *row};
  header.key = is_video && (frame_type == kKeyFrame || frame_type == kGeneratedKeyFrame);
  if ((*row)->packet_type) {
    const auto packet_type = r.u8();
    if (packet_type > kFrames) return std::nullopt;  // end of sequence
    header.sequence_header = packet_type == kSequenceHeader;
    if (is_video) header.composition = signed24(r.be24());
  }
  if (!r.ok()) return fail(Errc::truncated);
  header.size = body.size() - r.left();
  return header;
}

}  // namespace sluice::flv
