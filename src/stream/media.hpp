#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/task.hpp"
#include "net/socket.hpp"
#include "stream/flow_form.hpp"
#include "stream/stream_config.hpp"
#include "stream/view.hpp"
#include "stream/window.hpp"

namespace sluice::stream {

/// One viewer of a flow, as long as he is one: a cursor in the flow and a socket. Destroying it ends that. Belongs to
/// the shard of the socket.
class Follower {
 public:
  virtual ~Follower() = default;

  /// What a viewer may leave of it before he is closed.
  static constexpr std::size_t kMostBetween = 256 * 1024;

  /// Sends `bytes` to this viewer alone, between two units of the flow (RTMP's control messages).
  virtual void send_between(Bytes bytes) = 0;

  /// Sends nothing of the flow behind the unit in flight; send_between() still sends.
  virtual void pause() = 0;
  /// Goes on: at the newest start since, with the init, or where it paused if there is none. Nothing comes twice.
  virtual void resume() = 0;

  /// Ends it, and leaves the socket to whoever goes on with it: returns what must go out before anything else, the rest
  /// of the unit in flight and what was to be sent behind it.
  virtual Bytes leave() = 0;
};

/// Where a viewer begins who waited until he could: before all that has come since. Otherwise prepush says it.
struct WaitedFrom {
  std::optional<std::uint64_t> offset;  ///< of the flow
};

/// A stream or a file as a protocol sees it, on one shard. A protocol knows no other kind of difference between them.
class Media {
 public:
  virtual ~Media() = default;

  [[nodiscard]] virtual const std::string& name() const = 0;
  /// Of now: look again after a wait.
  [[nodiscard]] virtual const StreamConfig& config() const = 0;

  /// The live edge of a stream, or the whole of a file.
  virtual std::shared_ptr<Window> window() = 0;

  /// What a protocol keeps with this media on this shard, by the protocol's name; null until it puts something there,
  /// and again when the config has changed.
  std::shared_ptr<void>& attachment(std::string_view protocol) { return attachments_[protocol]; }

  /// Counts what a protocol sent of this media by answers; what goes out by follow() is counted there.
  void count_sent(std::uint64_t bytes) { sent_ += bytes; }

  /// Waits until a viewer of the form `form` could begin at once: the media runs and has a place to begin at.
  virtual Task<Result<WaitedFrom>> ready(const FlowForm& form, View view, SteadyTime deadline) = 0;

  /// Sends the form `form` of this media to `socket`: its init, then unit after unit, of what is live as they come,
  /// from where prepush says, or ready() did, else from the beginning at the pace of their stamps. Adds what leaves to
  /// `sent`. Waits like ready(). When it is over (the stream ended, the viewer was too slow) the socket is shut down,
  /// which ends the reading of whoever reads it. `socket` and `sent` outlive the follower.
  virtual Task<Result<std::unique_ptr<Follower>>> follow(const FlowForm& form, View view, net::TcpSocket& socket,
                                                         std::uint64_t& sent, WaitedFrom from, SteadyTime deadline) = 0;

 protected:
  void forget_attachments() { attachments_.clear(); }

 protected:
  /// What was counted since the last call.
  std::uint64_t take_counted() { return std::exchange(sent_, 0); }

 private:
  std::uint64_t sent_ = 0;
  std::map<std::string_view, std::shared_ptr<void>> attachments_;
};

}  // namespace sluice::stream
