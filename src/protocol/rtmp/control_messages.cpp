#include "protocol/rtmp/control_messages.hpp"

#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/errc.hpp"

namespace sluice::rtmp {
namespace {

void write_control(ByteWriter& out, MessageType type, BytesView body) {
  write_message(out, {.chunk_stream = kControlChunks, .type = type}, {{body}});
}

void write_value(ByteWriter& out, MessageType type, std::uint32_t value) {
  Bytes body;
  ByteWriter(body).be32(value);
  write_control(out, type, body);
}

}  // namespace

void write_set_chunk_size(ByteWriter& out, std::uint32_t bytes) {
  write_value(out, MessageType::set_chunk_size, bytes);
}

void write_acknowledgement(ByteWriter& out, std::uint32_t received) {
  write_value(out, MessageType::acknowledgement, received);
}

void write_window_ack_size(ByteWriter& out, std::uint32_t bytes) {
  write_value(out, MessageType::window_ack_size, bytes);
}

void write_set_peer_bandwidth(ByteWriter& out, std::uint32_t bytes) {
  constexpr std::uint8_t kDynamic = 2;
  Bytes body;
  ByteWriter w(body);
  w.be32(bytes);
  w.u8(kDynamic);
  write_control(out, MessageType::set_peer_bandwidth, body);
}

void write_user_control(ByteWriter& out, const UserControl& control) {
  Bytes body;
  ByteWriter w(body);
  w.be16(static_cast<std::uint16_t>(control.event));
  w.be32(control.value);
  if (control.event == UserControl::Event::set_buffer_length) w.be32(control.buffer_ms);
  write_control(out, MessageType::user_control, body);
}

Result<UserControl> read_user_control(BytesView body) {
  ByteReader r(body);
  UserControl control{.event = static_cast<UserControl::Event>(r.be16())};
  if (!r.ok()) return fail(Errc::truncated);
  control.value = r.be32();
  if (control.event == UserControl::Event::set_buffer_length) control.buffer_ms = r.be32();
  return control;
}

Result<std::uint32_t> read_control_value(BytesView body) {
  ByteReader r(body);
  const auto value = r.be32();
  if (!r.ok()) return fail(Errc::truncated);
  return value;
}

}  // namespace sluice::rtmp
