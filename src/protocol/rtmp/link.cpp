#include "protocol/rtmp/link.hpp"

#include <algorithm>

#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/control_messages.hpp"

namespace sluice::rtmp {
namespace {

/// However small the window a peer asks for, it is not acknowledged more often than for each so many bytes.
constexpr std::uint32_t kLeastWindow = 4096;

}  // namespace

Result<std::optional<Message>> Link::next(BytesView& in) {
  while (true) {
    const auto offered = in.size();
    auto message = reader_.next(in);
    received_ += offered - in.size();
    acknowledge();
    if (!message || !*message) return message;
    const auto settled = settle(**message);
    if (!settled) return fail(settled.error());
    if (!*settled) return message;
  }
}

void Link::open() {
  ByteWriter w(output_);
  write_set_chunk_size(w, kChunkBytes);
}

void Link::send_window(std::uint32_t bytes) {
  ByteWriter w(output_);
  write_window_ack_size(w, bytes);
  our_window_ = bytes;
}

void Link::send(std::uint32_t stream, const Command& command) {
  ByteWriter w(output_);
  write_command(w, stream, command);
}

Result<bool> Link::settle(const Message& message) {
  switch (message.type) {
    case MessageType::window_ack_size:
    case MessageType::set_peer_bandwidth: {
      const auto value = read_control_value(message.body.view());
      if (!value) return fail(value.error());
      if (message.type == MessageType::window_ack_size) {
        window_ = *value;
      } else if (*value != our_window_) {  // section 5.4.5: the answer is the window, where it changes
        send_window(*value);
      }
      return true;
    }
    case MessageType::user_control: {
      const auto control = read_user_control(message.body.view());
      if (!control) return fail(control.error());
      if (control->event == UserControl::Event::ping_request) {
        ByteWriter w(output_);
        write_user_control(w, {.event = UserControl::Event::ping_response, .value = control->value});
      }
      return true;
    }
    case MessageType::acknowledgement: return true;  // TCP says better how far the peer has come
    default: return false;
  }
}

void Link::acknowledge() {
  // At half the window, as a peer that obeys it to the letter would otherwise stand still for a round trip.
  if (window_ == 0 || received_ - acknowledged_ < std::max(window_, kLeastWindow) / 2) return;
  acknowledged_ = received_;
  ByteWriter w(output_);
  write_acknowledgement(w, static_cast<std::uint32_t>(received_));
}

}  // namespace sluice::rtmp
