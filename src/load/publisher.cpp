#include "load/publisher.hpp"

#include <random>
#include <variant>

#include "core/shard.hpp"
#include "load/errc.hpp"

namespace sluice::load {
namespace {

using rtmp::ClientProtocol;

constexpr std::chrono::seconds kBegin{10};
constexpr std::chrono::seconds kSend{10};
constexpr std::size_t kBufferBytes = 4096;

}  // namespace

Publisher::Publisher(const Target& target, const Clip& clip)
    : target_(&target),
      clip_(&clip),
      protocol_({.role = ClientProtocol::Role::publish, .app = target.app, .key = target.key, .tc_url = target.tc_url}),
      writer_(clip, std::random_device()()) {}

Task<void> Publisher::run() {
  const auto result = co_await publish();
  if (!error_) error_ = result ? std::error_code(Errc::ended) : result.error();
  state_ = State::ended;
}

Task<Result<void>> Publisher::publish() {
  state_ = State::connecting;
  auto socket = co_await net::connect(target_->address, target_->port, Shard::current().now() + kBegin);
  if (!socket) co_return fail(Errc::unreachable);
  if (auto ok = co_await begin(*socket); !ok) co_return ok;
  state_ = State::publishing;
  TaskScope scope;
  scope.spawn(listen(*socket));

  const StampedWriter::Emit emit = [this](flv::Message::Type type, std::uint32_t ms, std::span<const BytesView> body) {
    protocol_.write(type, ms, body);
  };
  writer_.headers(emit);
  ClipLoop loop(*clip_);
  const SteadyTime start = Shard::current().now();
  while (!error_) {
    const auto next = loop.next();
    const SteadyTime due = start + to_us(next.dts);
    if (due > Shard::current().now()) co_await sleep_until(due);
    writer_.frame(next, emit);
    if (auto ok = co_await flush(*socket); !ok) co_return ok;
    const bool picture = clip_->tracks()[next.frame.track].content() == media::Content::video;
    ++(picture ? counts_.video_frames : counts_.audio_frames);
    if (picture) lateness_.add(std::chrono::steady_clock::now() - due);
  }
  co_return Result<void>();
}

Task<Result<void>> Publisher::begin(net::TcpSocket& socket) {
  const SteadyTime deadline = Shard::current().now() + kBegin;
  Bytes buffer(kBufferBytes);
  for (;;) {
    if (auto ok = co_await flush(socket); !ok) co_return ok;
    const auto n = co_await socket.read_some(buffer, deadline);
    if (!n) co_return fail(n.error());
    const auto ready = take(BytesView(buffer).first(*n));
    if (!ready) co_return fail(ready.error());
    if (*ready) co_return Result<void>();
  }
}

// Answers to what the server asks go out with the next frame.
Task<void> Publisher::listen(net::TcpSocket& socket) {
  Bytes buffer(kBufferBytes);
  while (!error_) {
    const auto n = co_await socket.read_some(buffer, SteadyTime::max());
    const auto taken = n ? take(BytesView(buffer).first(*n)) : fail(n.error());
    if (!taken) error_ = taken.error();
  }
}

/// True where the server has said that media may come.
Result<bool> Publisher::take(BytesView in) {
  bool ready = false;
  for (;;) {
    const auto event = protocol_.next(in);
    if (!event) return fail(event.error());
    if (!*event) return ready;
    if (std::holds_alternative<ClientProtocol::Refused>(**event)) return fail(Errc::refused);
    if (std::holds_alternative<ClientProtocol::Ended>(**event)) return fail(Errc::ended);
    ready = ready || std::holds_alternative<ClientProtocol::Ready>(**event);
  }
}

Task<Result<void>> Publisher::flush(net::TcpSocket& socket) {
  if (protocol_.output().empty()) co_return Result<void>();
  const Bytes out = std::exchange(protocol_.output(), Bytes());
  counts_.bytes += out.size();
  co_return co_await socket.send(out, Shard::current().now() + kSend);
}

void Publisher::begin_window() {
  counts_ = {};
  lateness_ = {};
}

}  // namespace sluice::load
