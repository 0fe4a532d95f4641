#include "stream/followers.hpp"

#include <algorithm>
#include <bit>

#include "core/assert.hpp"
#include "core/log.hpp"
#include "stream/beat.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;

constexpr auto kSlice = std::chrono::microseconds(250);
constexpr auto kReading = milliseconds(1);      // until what was read at a beat has come here
constexpr std::size_t kLookAtClock = 16;        // cursors between two looks at the clock
constexpr std::size_t kMostCopied = 64 * 1024;  // of a unit in flight, for a viewer who is moved on

}  // namespace

/// What a viewer has beside his cursor; lives with whoever follows.
class Followers::One final : public Follower, public IoObserver {
 public:
  One(Followers& all, net::TcpSocket& to, std::uint64_t& counter, std::size_t place)
      : followers(&all), socket(to), sent(counter), index(place) {
    socket.observe_writable(this);
  }
  ~One() override {
    socket.observe_writable(nullptr);
    if (followers != nullptr) followers->remove(index);
  }

  void send_between(Bytes bytes) override {
    if (followers == nullptr) return;
    Cursor& cursor = followers->cursors_[index];
    if (cursor.state == State::closed) return;
    if (own.size() - own_sent + bytes.size() > kMostBetween) {
      followers->close_slow(cursor);
      return;
    }
    // In the middle of a unit they have to wait for its end.
    if (!cursor.has_own) own_at = followers->unit_end(cursor.at);
    own.insert(own.end(), bytes.begin(), bytes.end());
    cursor.has_own = true;
    followers->work();
  }

  void pause() override {
    if (followers != nullptr) followers->pause(followers->cursors_[index]);
  }
  void resume() override {
    if (followers != nullptr) followers->resume(followers->cursors_[index]);
  }

  Bytes leave() override {
    pause();
    own.erase(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(std::exchange(own_sent, 0)));
    if (followers != nullptr) followers->cursors_[index].has_own = false;
    return std::exchange(own, {});
  }

  void on_io(std::uint32_t) override {
    if (followers == nullptr) return;
    Cursor& cursor = followers->cursors_[index];
    if (!std::exchange(cursor.blocked, false)) return;
    followers->work();
  }

  Followers* followers;  // null once they are gone
  net::TcpSocket& socket;
  std::uint64_t& sent;
  std::size_t index;  // of the cursor
  Bytes own;          // for this viewer alone
  std::size_t own_sent = 0;
  std::uint64_t own_at = 0;  // where in the flow they come
  bool moved_on = false;     // and has taken nothing since
  bool goes_on = false;      // he has been sent what lies before his cursor
};

Followers::Followers(std::string name, LogMap map, std::shared_ptr<const void> lease, MergeWindow merge_window,
                     Prepush prepush)
    : lease_(std::move(lease)), name_(std::move(name)), map_(map), merge_window_(merge_window), prepush_(prepush) {
  sweep();
}

void Followers::sweep() {
  const bool spread = merge_window_.mode == MergeWindow::Mode::time && merge_window_.length > milliseconds(0);
  sweeper_.spawn(spread ? sweep_over_the_window() : sweep_at_once());
}

void Followers::set_pace(MergeWindow merge_window, Prepush prepush) {
  prepush_ = prepush;
  if (std::exchange(merge_window_, merge_window) == merge_window) return;
  sweeper_.cancel();
  sweep();
  work();
}

Followers::~Followers() {
  for (Cursor& cursor : cursors_) {
    cursor.one->socket.shutdown();
    cursor.one->followers = nullptr;
  }
}

void Followers::update(const FlowUpdate& update) {
  units_.insert(units_.end(), update.units.begin(), update.units.end());
  if (update.init) {
    init_ = update.init;
    change_ = update.change;
    init_from_ = update.init_from;
  }
  edge_ = update.edge;
  updated_ = Shard::current().now();
  idle_ = update.idle;
  ended_ = update.ended;
  for (Cursor& cursor : cursors_) {
    if (cursor.state != State::waiting) continue;
    if (const auto start = first_start(cursor.at)) begin(cursor, *start);
  }
  if (update.floor > floor_) leave(update.floor);
  if (ended_) {
    // There is no later turn for what the sockets take now.
    for (Cursor& cursor : cursors_) {
      send_to(cursor);
      if (cursor.state == State::waiting || cursor.state == State::paused) close(cursor);
    }
  }
  work();
}

/// Somebody may have something to send.
void Followers::work() {
  work_ = true;
  on_work_.notify_all();
}

bool Followers::can_begin() const {
  if (init_ == nullptr || idle_ || ended_) return false;
  return prepush_.mode == Prepush::Mode::off || start_for_new().has_value();
}

std::unique_ptr<Follower> Followers::add(net::TcpSocket& socket, std::uint64_t& sent, WaitedFrom from) {
  auto one = std::make_unique<One>(*this, socket, sent, cursors_.size());
  cursors_.push_back({.at = edge_, .one = one.get()});
  auto start = from.offset ? first_start(*from.offset) : std::nullopt;
  if (!start && prepush_.mode != Prepush::Mode::off) start = start_for_new();
  if (start) begin(cursors_.back(), *start);
  send_to(cursors_.back());
  if (cursors_.size() == 1) work();
  return one;
}

/// The init goes before the first unit, and behind what a waiting viewer was to be sent before that.
void Followers::begin(Cursor& cursor, std::uint64_t start) {
  cursor.state = State::running;
  cursor.at = start;
  One& one = *cursor.one;
  one.own.insert(one.own.end(), init_->begin(), init_->end());
  one.own_at = start;
  cursor.has_own = !one.own.empty();
  one.goes_on = true;
}

void Followers::remove(std::size_t index) {
  cursors_[index] = cursors_.back();
  cursors_[index].one->index = index;
  cursors_.pop_back();
}

std::uint64_t Followers::unit_end(std::uint64_t at) const {
  const auto next = std::ranges::lower_bound(units_, at, {}, &FlowUnit::offset);
  return next == units_.end() ? edge_ : next->offset;
}

/// The first start at or behind `from` whose init is the one that we have.
std::optional<std::uint64_t> Followers::first_start(std::uint64_t from) const {
  auto unit = std::ranges::lower_bound(units_, std::max(from, init_from_), {}, &FlowUnit::offset);
  while (unit != units_.end() && !unit->start) ++unit;
  if (unit == units_.end()) return {};
  return unit->offset;
}

/// The last of them.
std::optional<std::uint64_t> Followers::last_start(std::uint64_t from) const {
  for (auto unit = units_.rbegin(); unit != units_.rend() && unit->offset >= std::max(from, init_from_); ++unit) {
    if (unit->start) return unit->offset;
  }
  return {};
}

std::optional<std::uint64_t> Followers::start_for_new() const {
  if (units_.empty()) return {};
  const Ticks newest = units_.back().dts;
  const Ticks back = prepush_.mode == Prepush::Mode::seconds ? to_ticks(prepush_.length) : Ticks(0);
  std::optional<std::uint64_t> found;
  for (auto unit = units_.rbegin(); unit != units_.rend() && unit->offset >= init_from_; ++unit) {
    if (!unit->start) continue;
    found = unit->offset;
    if (unit->dts <= newest - back) break;
  }
  return found;
}

// --- sending ------------------------------------------------------------------------------------------------------

Task<void> Followers::sweep_at_once() {
  for (;;) {
    while (!work_) co_await on_work_.wait();
    work_ = false;
    // Backwards, so that a viewer who leaves meanwhile only moves one who has been served.
    auto slice_began = std::chrono::steady_clock::now();
    for (std::size_t left = cursors_.size(); left > 0; --left) {
      if (left > cursors_.size()) continue;
      send_to(cursors_[left - 1]);
      if (left % kLookAtClock != 0 || std::chrono::steady_clock::now() - slice_began < kSlice) continue;
      co_await yield();
      slice_began = std::chrono::steady_clock::now();
    }
  }
}

Task<void> Followers::sweep_over_the_window() {
  const auto window = std::chrono::duration_cast<SteadyTime::duration>(merge_window_.length);
  std::size_t next = 0;
  for (;;) {
    while (cursors_.empty()) co_await on_work_.wait();
    // One group after the other, so that each viewer comes up once in a window. A power of two, so that the source is
    // read at each group's turn.
    const std::size_t groups = std::bit_ceil((cursors_.size() + kGroup - 1) / kGroup);
    co_await sleep_until(next_beat(name_, Shard::current().now(), window / groups));
    if (updated_ != Shard::current().now()) co_await on_work_.wait(Shard::current().now() + kReading);
    auto slice_began = std::chrono::steady_clock::now();
    for (std::size_t left = (cursors_.size() + groups - 1) / groups; left > 0 && !cursors_.empty(); --left, ++next) {
      send_to(cursors_[next % cursors_.size()]);
      if (left % kLookAtClock != 0 || std::chrono::steady_clock::now() - slice_began < kSlice) continue;
      co_await yield();
      slice_began = std::chrono::steady_clock::now();
    }
    next = cursors_.empty() ? 0 : next % cursors_.size();
  }
}

void Followers::send_to(Cursor& cursor) {
  if (cursor.blocked || cursor.state == State::closed) return;
  if (cursor.has_own) {
    if (cursor.state == State::running && !send_range(cursor, cursor.one->own_at)) return;
    if (!send_own(cursor)) return;
  }
  if (cursor.state != State::running || !send_range(cursor, edge_)) return;
  if (ended_) close(cursor);
}

/// True when the cursor has reached `to`.
bool Followers::send_range(Cursor& cursor, std::uint64_t to) {
  while (cursor.at < to) {
    const auto n = send(cursor, map_.ranges(cursor.at, to - cursor.at)[0]);
    if (n == 0) return false;
    cursor.at += n;
  }
  return true;
}

/// True when nothing of its own is left.
bool Followers::send_own(Cursor& cursor) {
  One& one = *cursor.one;
  while (one.own_sent < one.own.size()) {
    const BytesView rest = BytesView(one.own).subspan(one.own_sent);
    const auto n = send(cursor, {.length = rest.size(), .memory = rest.data()});
    if (n == 0) return false;
    one.own_sent += n;
  }
  Bytes().swap(one.own);
  one.own_sent = 0;
  cursor.has_own = false;
  return true;
}

/// The bytes that the socket took; 0 when it takes none now, or none any more.
std::size_t Followers::send(Cursor& cursor, const Range& range) {
  const auto n = cursor.one->socket.send_now(range);
  ++counters_.sends;
  if (!n) {
    close(cursor);
    return 0;
  }
  cursor.blocked = *n == 0;
  if (*n > 0) cursor.one->moved_on = false;
  cursor.one->sent += *n;
  counters_.bytes += *n;
  return *n;
}

/// Nothing more is sent to this viewer: whoever reads his socket learns it.
void Followers::close(Cursor& cursor) {
  One& one = *cursor.one;
  one.socket.shutdown();
  Bytes().swap(one.own);
  one.own_sent = 0;
  cursor = {.at = UINT64_MAX, .one = &one, .state = State::closed};
}

void Followers::close_slow(Cursor& cursor) {
  ++counters_.closed_slow;
  One& one = *cursor.one;
  log::notice("viewer is too slow and is cut off", {{"peer", one.socket.peer()}, {"stream", name_}});
  one.socket.drop();
  close(cursor);
}

// --- falling behind -----------------------------------------------------------------------------------------------

void Followers::leave(std::uint64_t floor) {
  for (Cursor& cursor : cursors_) {
    if (cursor.at >= floor) continue;
    if (cursor.state == State::waiting || cursor.state == State::paused) {
      cursor.at = floor;
      cursor.one->goes_on = false;
    } else {
      skip(cursor, floor);
    }
  }
  while (!units_.empty() && units_.front().offset < floor) units_.pop_front();
  floor_ = floor;
}

/// The viewer is behind what is kept.
void Followers::skip(Cursor& cursor, std::uint64_t floor) {
  One& one = *cursor.one;
  const auto start = last_start(floor);
  const std::uint64_t end = unit_end(cursor.at);
  if (!start || cursor.has_own || one.moved_on || end - cursor.at > kMostCopied) {
    close_slow(cursor);
    return;
  }
  take_over(cursor, end);
  const bool misses_change = change_ != nullptr && end < init_from_;
  if (misses_change) one.own.insert(one.own.end(), change_->begin(), change_->end());
  cursor.at = *start;
  one.own_at = *start;
  cursor.has_own = !one.own.empty();
  one.moved_on = true;
  ++counters_.skipped;
}

/// Makes the viewer's own what lies before `end`, so that it is sent whatever becomes of the flow's memory.
void Followers::take_over(Cursor& cursor, std::uint64_t end) {
  Bytes& own = cursor.one->own;
  auto at = own.begin();
  for (const Range& piece : map_.ranges(cursor.at, end - cursor.at)) {
    at = own.insert(at, piece.memory, piece.memory + piece.length) + static_cast<std::ptrdiff_t>(piece.length);
  }
  cursor.at = end;
  cursor.has_own = !own.empty();
}

// --- pausing ------------------------------------------------------------------------------------------------------

void Followers::pause(Cursor& cursor) {
  if (cursor.state == State::running) {
    const std::uint64_t end = cursor.has_own ? cursor.one->own_at : unit_end(cursor.at);
    if (end - cursor.at > Follower::kMostBetween / 2) {
      close_slow(cursor);
      return;
    }
    take_over(cursor, end);
  }
  if (cursor.state != State::closed) cursor.state = State::paused;
  work();
}

void Followers::resume(Cursor& cursor) {
  if (cursor.state != State::paused) return;
  if (const auto start = last_start(cursor.at)) {
    begin(cursor, *start);
  } else {
    const bool goes_on = cursor.one->goes_on && cursor.at >= init_from_;
    cursor.state = goes_on ? State::running : State::waiting;
    cursor.one->own_at = cursor.at;
  }
  work();
}

}  // namespace sluice::stream
