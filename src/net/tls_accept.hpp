#pragma once

#include <cstdint>
#include <string_view>

#include "core/list.hpp"
#include "core/shard.hpp"
#include "core/task.hpp"
#include "net/socket.hpp"
#include "net/tls_server.hpp"

namespace sluice::net {

/// What became of the TLS handshakes of a shard.
struct TlsCounters {
  std::uint64_t done = 0;
  std::uint64_t resumed = 0;  ///< of these, with a ticket
  std::uint64_t failed = 0;   ///< no TLS, or nothing that both speak
  std::uint64_t too_slow = 0;
  std::uint64_t crowded_out = 0;  ///< ended because later ones needed the place
  std::uint64_t floods = 0;       ///< connections that were ended later, for messages that carry no data

  TlsCounters& operator+=(const TlsCounters& other);
};

/// The handshakes in flight on a shard. There are so many at most; one more ends the oldest, which has had the most
/// time: whoever fills the room with handshakes that he does not finish loses his own. They take turns, one in each
/// turn of the loop, because each costs up to a millisecond and whatever else is ready has to come between two of them.
class TlsAcceptor {
 public:
  explicit TlsAcceptor(std::size_t most_in_flight = 1000);
  TlsAcceptor(const TlsAcceptor&) = delete;
  TlsAcceptor& operator=(const TlsAcceptor&) = delete;
  ~TlsAcceptor();

  /// Makes `socket` speak TLS, as the server, until `deadline` at the latest. A client that sends nothing costs no more
  /// than its socket meanwhile. The error has been counted.
  Task<Result<void>> accept(TcpSocket& socket, std::shared_ptr<const TlsServer> server, SteadyTime deadline);

  [[nodiscard]] const TlsCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

 private:
  struct Place;
  Task<void> turn();
  Task<Result<void>> shake_hands(Place& place, std::shared_ptr<const TlsServer> server, SteadyTime deadline);

  const std::size_t most_in_flight_;
  List<Place> places_;  // the oldest first
  std::size_t in_flight_ = 0;
  SteadyTime last_turn_{};
  TlsCounters counters_;
};

}  // namespace sluice::net
