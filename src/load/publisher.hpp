#pragma once

#include <cstdint>
#include <system_error>

#include "core/result.hpp"
#include "core/task.hpp"
#include "core/time.hpp"
#include "load/clip.hpp"
#include "load/histogram.hpp"
#include "load/stamped_writer.hpp"
#include "load/url.hpp"
#include "net/socket.hpp"
#include "protocol/rtmp/client_protocol.hpp"

namespace sluice::load {

/// Publishes a clip by RTMP, each frame when it is due, each picture with a stamp. On the run's shard.
class Publisher {
 public:
  enum class State : std::uint8_t { waiting, connecting, publishing, ended };

  /// Counts are of the measurement window.
  struct Counts {
    std::uint64_t bytes = 0;
    std::uint64_t video_frames = 0;
    std::uint64_t audio_frames = 0;
  };

  /// Both outlive this.
  Publisher(const Target& target, const Clip& clip);

  /// Publishes until the server ends it, or the caller.
  Task<void> run();

  void begin_window();

  [[nodiscard]] const Target& target() const { return *target_; }
  [[nodiscard]] State state() const { return state_; }
  /// Why it ended.
  [[nodiscard]] std::error_code error() const { return error_; }
  [[nodiscard]] const Counts& counts() const { return counts_; }
  /// By how much pictures left after they were due: what this program, or a server that does not read, is late.
  [[nodiscard]] const Histogram& lateness() const { return lateness_; }

 private:
  Task<Result<void>> publish();
  Task<Result<void>> begin(net::TcpSocket& socket);
  Task<void> listen(net::TcpSocket& socket);
  Task<Result<void>> flush(net::TcpSocket& socket);
  Result<bool> take(BytesView in);

  // borrowed (outlive this)
  const Target* target_;
  const Clip* clip_;
  // owned
  rtmp::ClientProtocol protocol_;
  StampedWriter writer_;
  // state
  State state_ = State::waiting;
  std::error_code error_;
  Counts counts_;
  Histogram lateness_;
};

}  // namespace sluice::load
