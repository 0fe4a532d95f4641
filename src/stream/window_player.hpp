#pragma once

#include <memory>
#include <optional>
#include <span>

#include "core/shard.hpp"
#include "net/socket.hpp"
#include "stream/media.hpp"
#include "stream/run_muxer.hpp"
#include "stream/window_reader.hpp"

namespace sluice::stream {

/// One viewer of a flow of what is not live: muxes the frames of a window for him and sends them at the pace of their
/// stamps, as far ahead of it as prepush says. Time in which the media has nothing is not waited for. A viewer who is
/// slow or pauses gets all of it later; one who takes nothing for so long as `stall` is closed. At the end of the
/// window the socket is shut down. Belongs to its shard.
class WindowPlayer final : public Follower {
 public:
  /// `form`, `socket` and `sent` outlive this.
  WindowPlayer(std::shared_ptr<Window> window, const FlowForm& form, View view,
               std::shared_ptr<const StreamConfig> config, net::TcpSocket& socket, std::uint64_t& sent,
               std::chrono::nanoseconds stall = std::chrono::seconds(20));

  // Follower
  void send_between(Bytes bytes) override;
  void pause() override;
  void resume() override;
  Bytes leave() override;

 private:
  Task<void> read_ahead();
  Task<void> run();
  Task<Result<void>> play();
  Task<Result<std::optional<WindowReader::Some>>> next();
  void enter(const Run& run);
  Task<Result<void>> send_frames(std::vector<media::Frame> frames);
  void begin(std::span<const media::Frame> frames);
  Task<Result<void>> pace(Ticks dts);
  Task<Result<void>> unpaused();
  Task<Result<void>> flush();
  Task<Result<void>> send(Bytes& bytes);
  [[nodiscard]] Ticks ahead(std::span<const media::Frame> frames) const;

  // borrowed (outlives this)
  net::TcpSocket& socket_;
  std::uint64_t& sent_;
  // owned
  const std::shared_ptr<const StreamConfig> config_;
  const View view_;
  const std::chrono::nanoseconds stall_;
  WindowReader reader_;
  RunMuxer muxer_;
  // state
  std::optional<Result<std::optional<WindowReader::Some>>> read_;  // to be sent next
  Event on_taken_;                                                 // `read_` is empty again
  Bytes init_;                                                     // of the run
  std::optional<SteadyTime> origin_;  // when a frame at 0 would be due; nothing before the viewer's first frame
  std::optional<SteadyTime> paused_;
  SteadyTime flushed_{};
  Bytes units_;           // muxed, to be sent
  Bytes own_;             // for this viewer alone, to be sent between units
  Bytes leaving_;         // whole units or his own, on their way
  std::size_t left_ = 0;  // of that, sent
  Event on_news_;         // for who waits for frames or for their time: read, resumed, something of his own
  // owned; last, so that it ends first
  TaskScope task_;
};

}  // namespace sluice::stream
