#include <variant>

#include "format/flv/writer.hpp"
#include "load/errc.hpp"
#include "load/player.hpp"
#include "load/probe.hpp"
#include "load/wire.hpp"
#include "protocol/rtmp/client_protocol.hpp"
#include "protocol/rtmp/control_messages.hpp"

namespace sluice::load {
namespace {

using rtmp::ClientProtocol;

constexpr std::chrono::seconds kBegin{10};
constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::size_t kMostDiscard = 1 << 20;
// A server may hold back more than its window unacknowledged, and drops whom it has not heard of for a minute or two.
constexpr std::uint64_t kAcknowledgeEach = 1 << 20;

/// One play session from connect to end.
class RtmpPlayer {
 public:
  explicit RtmpPlayer(Viewer& viewer)
      : viewer_(viewer),
        protocol_(options_for(*viewer.options().target)),
        probe_(viewer),
        recording_(viewer.options().record) {
    if (!recording_.active()) return;
    Bytes header;
    ByteWriter w(header);
    flv::write_file_header(w, true, true);
    recording_.write(header);
  }

  Task<Result<void>> run() {
    auto wire = co_await Wire::connect(viewer_);
    if (!wire) co_return fail(wire.error());
    Bytes buffer(kBufferBytes);
    const SteadyTime begin_by = Shard::current().now() + kBegin;
    while (viewer_.wants_frames()) {
      if (auto ok = co_await flush(*wire); !ok) co_return ok;
      const auto n = co_await wire->read(buffer, ready_ ? SteadyTime::max() : begin_by);
      if (!n) co_return fail(n.error());
      if (auto ok = take(BytesView(buffer).first(*n)); !ok) co_return ok;
    }
    if (auto ok = co_await flush(*wire); !ok) co_return ok;
    Bytes().swap(buffer);
    co_return co_await skim(*wire);
  }

 private:
  static ClientProtocol::Options options_for(const Target& target) {
    return {.role = ClientProtocol::Role::play, .app = target.app, .key = target.key, .tc_url = target.tc_url};
  }

  Task<Result<void>> flush(Wire& wire) {
    if (protocol_.output().empty()) co_return Result<void>();
    const Bytes out = std::exchange(protocol_.output(), Bytes());
    co_return co_await wire.send(out);
  }

  Result<void> take(BytesView in) {
    for (;;) {
      const auto event = protocol_.next(in);
      if (!event) return fail(event.error());
      if (!*event) return {};
      if (std::holds_alternative<ClientProtocol::Refused>(**event)) return fail(Errc::refused);
      if (std::holds_alternative<ClientProtocol::Ended>(**event)) return fail(Errc::ended);
      ready_ = true;
      const auto* message = std::get_if<flv::Message>(&**event);
      if (message == nullptr) continue;
      record(*message);
      if (auto ok = probe_.take(*message); !ok) return ok;
    }
  }

  void record(const flv::Message& message) {
    if (!recording_.active()) return;
    Bytes tag;
    ByteWriter w(tag);
    flv::write_tag(w, message.type, message.timestamp, {message.body.view()});
    recording_.write(tag);
  }

  /// Bytes alone from here on, acknowledged as the standard asks.
  Task<Result<void>> skim(Wire& wire) {
    for (std::uint64_t acknowledged = viewer_.all_bytes();;) {
      const auto n = co_await wire.discard(kMostDiscard);
      if (!n) co_return fail(n.error());
      if (viewer_.all_bytes() - acknowledged < kAcknowledgeEach) continue;
      acknowledged = viewer_.all_bytes();
      Bytes out;
      ByteWriter w(out);
      rtmp::write_acknowledgement(w, static_cast<std::uint32_t>(acknowledged));
      if (auto ok = co_await wire.send(out); !ok) co_return ok;
    }
  }

  // borrowed (outlives this)
  Viewer& viewer_;
  // owned
  ClientProtocol protocol_;
  MessageProbe probe_;
  Recording recording_;
  // state
  bool ready_ = false;
};

}  // namespace

Task<Result<void>> play_rtmp(Viewer& viewer) {
  RtmpPlayer player(viewer);
  co_return co_await player.run();
}

}  // namespace sluice::load
