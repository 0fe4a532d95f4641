#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/shard.hpp"
#include "net/socket.hpp"
#include "stream/flow.hpp"
#include "stream/media.hpp"

namespace sluice::stream {

struct FollowerCounters {
  std::uint64_t sends = 0;        ///< calls into the kernel
  std::uint64_t bytes = 0;        ///< of the flow that left
  std::uint64_t skipped = 0;      ///< times that a slow viewer was moved on to a newer start
  std::uint64_t closed_slow = 0;  ///< viewers that were too slow to be moved on
};

/// What became of viewers who were too slow.
struct SlowViewers {
  std::uint64_t skipped = 0;  ///< times that one was moved on to a newer start
  std::uint64_t cut = 0;      ///< those who were closed

  SlowViewers& operator+=(const SlowViewers& other) {
    skipped += other.skipped;
    cut += other.cut;
    return *this;
  }
};

/// The viewers of one flow on one shard: a flat array of cursors. An update moves the edge; then every viewer is sent
/// what lies between his cursor and the edge, all of them in one sweep of slices of a quarter of a millisecond, or,
/// with a merge window, in groups that are spread evenly over it (many at a time, because it is waking up that costs).
/// No allocation, lock or posted function per viewer and update. Belongs to its shard.
///
/// A viewer who falls behind the floor finishes the unit in flight and goes on at the newest start. He is closed if he
/// falls behind again before he has come so far: with a line in the log, and with what the system still holds for him.
class Followers {
 public:
  /// Viewers who are served together, where a window is spread over all.
  static constexpr std::size_t kGroup = 256;

  /// `name` is the stream's, for the log; `lease` keeps what `map` shows.
  Followers(std::string name, LogMap map, std::shared_ptr<const void> lease, MergeWindow merge_window, Prepush prepush);
  ~Followers();
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;

  /// Another merge window, for all viewers; another prepush, for those to come.
  void set_pace(MergeWindow merge_window, Prepush prepush);

  /// News from the flow's home. When this returns nobody here reads below the update's floor any more.
  void update(const FlowUpdate& update);

  /// True when a new viewer could begin now: the stream is fed, there is an init and a place that prepush allows.
  [[nodiscard]] bool can_begin() const;

  /// Begins to send to `socket` and to add what leaves to `sent`; both outlive the follower. REQUIRES: can_begin().
  std::unique_ptr<Follower> add(net::TcpSocket& socket, std::uint64_t& sent, WaitedFrom from);

  /// Before it lies all that has come.
  [[nodiscard]] std::uint64_t edge() const { return edge_; }

  [[nodiscard]] std::size_t size() const { return cursors_.size(); }
  [[nodiscard]] const FollowerCounters& counters() const { return counters_; }

 private:
  class One;
  enum class State : std::uint8_t {
    waiting,  // for the next start; nothing of the flow has been sent
    running,
    paused,  // by the viewer; nothing of the flow is sent
    closed   // nothing more is sent: the socket was shut down
  };
  struct Cursor {
    std::uint64_t at = 0;  // the next byte of the flow to send
    One* one = nullptr;
    State state = State::waiting;
    bool blocked = false;  // the socket's buffer is full
    bool has_own = false;  // bytes of its own go first, or come at the end of a unit
  };

  void sweep();
  Task<void> sweep_at_once();
  Task<void> sweep_over_the_window();
  void send_to(Cursor& cursor);
  bool send_own(Cursor& cursor);
  bool send_range(Cursor& cursor, std::uint64_t to);
  std::size_t send(Cursor& cursor, const Range& range);
  void close(Cursor& cursor);
  void close_slow(Cursor& cursor);
  void leave(std::uint64_t floor);
  void skip(Cursor& cursor, std::uint64_t floor);
  void take_over(Cursor& cursor, std::uint64_t end);
  void pause(Cursor& cursor);
  void resume(Cursor& cursor);
  void begin(Cursor& cursor, std::uint64_t start);
  void remove(std::size_t index);
  void work();
  [[nodiscard]] std::uint64_t unit_end(std::uint64_t at) const;
  [[nodiscard]] std::optional<std::uint64_t> start_for_new() const;
  [[nodiscard]] std::optional<std::uint64_t> first_start(std::uint64_t from) const;
  [[nodiscard]] std::optional<std::uint64_t> last_start(std::uint64_t from) const;

  // owned, with the flow
  const std::shared_ptr<const void> lease_;
  // state
  const std::string name_;
  const LogMap map_;
  MergeWindow merge_window_;
  Prepush prepush_;
  std::vector<Cursor> cursors_;
  std::deque<FlowUnit> units_;  // from the floor to the edge
  std::uint64_t edge_ = 0;
  SteadyTime updated_{};  // when the edge came
  std::uint64_t floor_ = 0;
  std::shared_ptr<const Bytes> init_;
  std::shared_ptr<const Bytes> change_;
  std::uint64_t init_from_ = 0;
  bool idle_ = false;
  bool ended_ = false;
  bool work_ = false;  // somebody may have something to send
  Event on_work_;
  FollowerCounters counters_;
  // owned; last, so that it ends first
  TaskScope sweeper_;
};

}  // namespace sluice::stream
