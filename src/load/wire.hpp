#pragma once

#include <span>

#include "core/result.hpp"
#include "core/task.hpp"
#include "load/viewer.hpp"
#include "net/socket.hpp"

namespace sluice::load {

/// A viewer's connection. Counts every byte for its viewer, and reads as the viewer behaves: once the picture has come,
/// a slow one gets its bytes at its rate, a stalled one none at all, only the news that the connection broke.
class Wire {
 public:
  /// Connects to the viewer's target. Error: unreachable.
  static Task<Result<Wire>> connect(Viewer& viewer);

  /// What there is, at least one byte. Errors: those of the socket.
  Task<Result<std::size_t>> read(std::span<std::byte> into, SteadyTime deadline = SteadyTime::max());
  /// The same for bytes that nobody looks at.
  Task<Result<std::size_t>> discard(std::size_t most, SteadyTime deadline = SteadyTime::max());
  Task<Result<void>> send(BytesView bytes);

 private:
  Wire(net::TcpSocket socket, Viewer& viewer) : viewer_(&viewer), socket_(std::move(socket)) {}

  void count(std::size_t n);
  /// How many of `most` bytes the viewer takes now; waits until it takes any.
  Task<Result<std::size_t>> allowed(std::size_t most);
  Task<Result<void>> stand_still();
  Task<Result<std::size_t>> wait_for_allowance(std::size_t most);

  // borrowed (outlives this)
  Viewer* viewer_;
  // owned
  net::TcpSocket socket_;
  // state of a slow viewer
  SteadyTime paced_since_{};
  double allowance_ = 0;  ///< bytes it may read
};

}  // namespace sluice::load
