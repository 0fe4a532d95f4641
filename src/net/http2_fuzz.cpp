#include <fmt/format.h>
#include <sys/epoll.h>

#include <cstdlib>
#include <future>
#include <thread>

#include "core/log.hpp"
#include "core/shard.hpp"
#include "net/errc.hpp"
#include "net/http2_server.hpp"

namespace {

using namespace sluice;
using namespace sluice::net;

/// Both directions of a connection, in memory.
struct Wire {
  Bytes sent;
  std::size_t room = 0;
  BytesView to_receive;
  bool ended = false;
};

class WireTransport final : public Transport {
 public:
  explicit WireTransport(Wire& wire) : wire_(wire) {}

  Result<std::size_t> send(std::span<const Range> ranges, bool) override {
    if (shut_) return fail(Errc::closed);
    std::size_t taken = 0;
    for (const Range& range : ranges) {
      const auto bytes = range.view().first(std::min(range.length, wire_.room));
      wire_.sent.insert(wire_.sent.end(), bytes.begin(), bytes.end());
      wire_.room -= bytes.size();
      taken += bytes.size();
    }
    return taken;
  }
  Result<Received> receive(std::span<std::byte> into) override {
    if (shut_ || (wire_.to_receive.empty() && wire_.ended)) return fail(Errc::closed);
    const auto n = std::min(into.size(), wire_.to_receive.size());
    std::ranges::copy(wire_.to_receive.first(n), into.begin());
    wire_.to_receive = wire_.to_receive.subspan(n);
    return Received{.bytes = n, .drained = wire_.to_receive.empty() && !wire_.ended};
  }
  Result<Received> discard(std::size_t most) override {
    Bytes ignored(most);
    return receive(ignored);
  }
  void shutdown() override { shut_ = true; }
  void drop() override { shut_ = true; }

 private:
  Wire& wire_;
  bool shut_ = false;
};

Task<void> flow(TcpSocket& socket) {
  const Bytes piece(3000, std::byte{'f'});
  for (int i = 0; i < 20; ++i) {
    if (!socket.send_now({.length = piece.size(), .memory = piece.data()})) co_return;
    co_await yield();
  }
}

Task<HttpResponse> answer(const HttpRequest& request) {
  if (request.path == "/wait") co_await sleep_for(std::chrono::hours(1));
  if (request.path == "/later") co_await yield();
  HttpResponse response = HttpResponse::text(200, fmt::format("{} {}", request.path, request.body));
  if (request.path == "/large") response.body = Body::of(Bytes(100'000));
  if (request.path == "/flow") response.takeover = flow;
  co_return response;
}

/// Has a client say `in` in pieces, who takes `room` bytes a turn.
Task<void> converse(Wire& wire, BytesView in, std::size_t piece, std::size_t room) {
  static const HttpHandler kHandler = answer;
  Http2Counters counters;
  TcpSocket socket = TcpSocket::over(std::make_unique<WireTransport>(wire), "peer");
  IoObserver& events = socket.events();
  bool over = false;
  TaskScope scope;
  scope.spawn([](TcpSocket by, Http2Counters& count, bool& ended) -> Task<void> {
    co_await serve_http2(std::move(by), kHandler, &count, {});
    ended = true;
  }(std::move(socket), counters, over));
  while (!over) {
    const auto next = in.first(std::min(piece, in.size()));
    if (wire.to_receive.empty()) {
      wire.to_receive = next;
      in = in.subspan(next.size());
    }
    wire.room = room;
    wire.ended = in.empty() && wire.to_receive.empty();
    events.on_io(EPOLLIN | EPOLLOUT | (wire.ended ? EPOLLRDHUP : 0U));
    for (int i = 0; i < 3 && !over; ++i) co_await yield();
  }
}

/// Whether `bytes` are frames as a client takes them, but for the last, which may be cut.
bool are_frames(BytesView bytes) {
  constexpr std::size_t kHead = 9;
  constexpr std::size_t kMostBytes = 16 * 1024;
  while (bytes.size() >= kHead) {
    const auto size = ByteReader(bytes).be24();
    if (size > kMostBytes) return false;
    bytes = bytes.subspan(std::min(bytes.size(), kHead + size));
  }
  return true;
}

Shard& shard() {
  static Shard& made = *[] {
    log::configure({.level = log::Level::none});
    auto* const running = new Shard(0, std::size_t{1} << 20);
    std::thread([running] { running->run(); }).detach();
    return running;
  }();
  return made;
}

}  // namespace

/// The input's first byte chooses how the client reads and writes; the rest is what he says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
  const std::size_t piece = (data[0] & 1) != 0 ? 50 : 5000;
  const std::size_t room = (data[0] & 2) != 0 ? 700 : SIZE_MAX;
  Wire wire;
  std::promise<void> done;
  TaskScope scope;
  shard().post([&] {
    scope.spawn([](Wire& on, BytesView all, std::size_t p, std::size_t r, std::promise<void>& told) -> Task<void> {
      co_await converse(on, all, p, r);
      told.set_value();
    }(wire, in, piece, room, done));
  });
  done.get_future().get();
  // Nothing of it runs any more: the task has ended within the turn in which it said so.
  std::promise<void> idle;
  shard().post([&] { idle.set_value(); });
  idle.get_future().get();
  if (!are_frames(wire.sent)) std::abort();
  return 0;
}
