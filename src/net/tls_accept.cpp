#include "net/tls_accept.hpp"

#include "net/tls_transport.hpp"

namespace sluice::net {

TlsCounters& TlsCounters::operator+=(const TlsCounters& other) {
  done += other.done;
  resumed += other.resumed;
  failed += other.failed;
  too_slow += other.too_slow;
  crowded_out += other.crowded_out;
  floods += other.floods;
  return *this;
}

/// One handshake in flight.
struct TlsAcceptor::Place : ListNode {
  Place(TlsAcceptor& of, TcpSocket& on) : acceptor(of), socket(on) {
    if (acceptor.in_flight_ == acceptor.most_in_flight_) acceptor.places_.front()->give_up();
    acceptor.places_.push_back(*this);
    ++acceptor.in_flight_;
  }
  ~Place() {
    if (!crowded_out) --acceptor.in_flight_;
  }
  void give_up() {
    crowded_out = true;
    unlink();
    --acceptor.in_flight_;
    socket.drop();
  }

  TlsAcceptor& acceptor;
  TcpSocket& socket;
  bool crowded_out = false;
};

TlsAcceptor::TlsAcceptor(std::size_t most_in_flight) : most_in_flight_(most_in_flight) {}
TlsAcceptor::~TlsAcceptor() = default;

Task<void> TlsAcceptor::turn() {
  while (last_turn_ == Shard::current().now()) co_await yield();
  last_turn_ = Shard::current().now();
}

Task<Result<void>> TlsAcceptor::shake_hands(Place& place, std::shared_ptr<const TlsServer> server,
                                            SteadyTime deadline) {
  TcpSocket& socket = place.socket;
  bool begun = false;
  const TlsTransport* tls = nullptr;
  for (;;) {
    if (auto ok = co_await socket.readable(deadline); !ok) co_return ok;
    co_await turn();
    if (!std::exchange(begun, true)) {
      auto opened = server->open();
      server.reset();
      if (opened.ssl == nullptr) co_return fail(std::make_error_code(std::errc::not_enough_memory));
      socket.put_on([&](std::unique_ptr<Transport> under) {
        auto made = std::make_unique<TlsTransport>(std::move(under), std::move(opened), counters_.floods);
        tls = made.get();
        return made;
      });
    }
    const auto done = socket.establish_now();
    if (!done) co_return std::unexpected(done.error());
    if (!*done) continue;
    ++counters_.done;
    if (tls->resumed()) ++counters_.resumed;
    co_return Result<void>();
  }
}

Task<Result<void>> TlsAcceptor::accept(TcpSocket& socket, std::shared_ptr<const TlsServer> server,
                                       SteadyTime deadline) {
  Place place(*this, socket);
  auto ok = co_await shake_hands(place, std::move(server), deadline);
  if (!ok) {
    auto& counter = place.crowded_out              ? counters_.crowded_out
                    : ok.error() == Errc::deadline ? counters_.too_slow
                                                   : counters_.failed;
    ++counter;
  }
  co_return ok;
}

}  // namespace sluice::net
