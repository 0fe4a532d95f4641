#pragma once

#include <utility>

#include "core/bytes.hpp"
#include "core/time.hpp"

namespace sluice::transcode::fake {

/// The two pipes, or the socket, to the process that started this one: what is made goes out through one, and the end
/// of either is the end of the program, so that it never outlives its server. Neither sleeps longer than the other side
/// lives.
class Output {
 public:
  /// Borrows the descriptors. `lifeline` is watched where it is a pipe or a socket; nothing is ever read out of it
  /// that would mean anything. SIGPIPE must be ignored.
  Output(int out, int lifeline);

  /// Sleeps until `deadline`. False once the other side has gone.
  bool wait(SteadyTime deadline);
  /// Writes all of `bytes`, waiting while the pipe is full. False once the other side has gone.
  bool write(BytesView bytes);

 private:
  /// What poll says about `out` for the events asked for, 0 after the deadline, nothing once the other side has gone.
  enum class Ready { no, yes, gone };
  Ready poll(short events, SteadyTime deadline);

  int out_;
  int lifeline_;  // -1 where there is none
};

}  // namespace sluice::transcode::fake
