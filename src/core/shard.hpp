#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/arena.hpp"
#include "core/list.hpp"
#include "core/load_window.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "core/time.hpp"
#include "core/timer_wheel.hpp"

namespace sluice {

/// A coroutine that waits. It is in one list at a time: of what it waits for, then of what its shard resumes next.
/// Destroying it (with its frame) takes it out of either.
struct Waiter : ListNode {
  std::coroutine_handle<> coroutine;
};

/// Told what epoll saw on a descriptor. Called between the turns of the shard: it may only note and wake, never run
/// anybody's code or destroy anything.
class IoObserver {
 public:
  virtual void on_io(std::uint32_t epoll_events) = 0;

 protected:
  ~IoObserver() = default;
};

/// What a shard has done since it started.
struct ShardLoad {
  std::chrono::nanoseconds busy{};          ///< time outside epoll_wait
  std::chrono::nanoseconds longest_turn{};  ///< the longest that anything on it had to wait for anything else
  std::uint64_t posts = 0;                  ///< functions received from other threads
  std::uint64_t bytes_sent = 0;             ///< by its sockets
};

/// A thread with one event loop. Everything that lives belongs to one shard and is touched on that shard alone; other
/// shards are reached by posting a value. Level of abstraction: epoll, a timer wheel and a list of coroutines to
/// resume, nothing more.
class Shard {
 public:
  /// `arena_bytes` is address space, not memory.
  Shard(unsigned index, std::size_t arena_bytes);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  ~Shard();

  /// The shard whose thread this is. REQUIRES: called on a shard's thread.
  static Shard& current();
  /// The same, or null on a thread that is no shard.
  static Shard* current_or_null();
  [[nodiscard]] bool is_here() const { return this == current_or_null(); }

  /// Runs the loop on the calling thread until stop(). What was posted before is run first.
  void run();
  /// Ends run() after the current turn. Callable from any thread.
  void stop();

  /// When the turn began in which the shard is; nothing while it waits for something to do. Callable from any thread.
  [[nodiscard]] std::optional<SteadyTime> busy_since() const;
  /// The thread it runs on. Callable from any thread while busy_since() says something.
  [[nodiscard]] pthread_t thread() const { return thread_.load(std::memory_order_relaxed); }

  /// Runs `f` on this shard, after what was posted before it. Callable from any thread.
  void post(std::move_only_function<void()> f);

  /// Destroys what was posted without running it; true when there was something. REQUIRES: run() has returned.
  bool drop_posted();

  // What follows is for this shard's own thread.

  /// Resumes `waiter` before the shard sleeps again, never from inside this call.
  void wake(Waiter& waiter) { ready_.push_back(waiter); }

  /// Watches `fd` edge-triggered for reading, writing and hang-up until unwatch() or close().
  Result<void> watch(int fd, IoObserver& observer);
  void unwatch(int fd);

  /// The time at the start of this turn of the loop.
  [[nodiscard]] SteadyTime now() const { return now_; }
  TimerWheel& timers() { return timers_; }
  Arena& arena() { return arena_; }
  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] ShardLoad load() const { return load_; }
  /// Its load over the last seconds.
  [[nodiscard]] LoadWindow::Recent recent_load() const { return window_.at(std::chrono::steady_clock::now()); }
  void count_sent(std::size_t bytes) { load_.bytes_sent += bytes; }

 private:
  void turn();
  void run_posted();

  const unsigned index_;
  // owned
  Arena arena_;
  int epoll_ = -1;
  int wake_fd_ = -1;
  TimerWheel timers_;
  List<Waiter> ready_;
  // state
  SteadyTime now_;
  ShardLoad load_;
  LoadWindow window_;
  std::atomic<bool> stopping_ = false;
  // Shared with other threads.
  std::mutex posted_mutex_;
  std::vector<std::move_only_function<void()>> posted_;
  bool asleep_ = false;
  std::atomic<SteadyTime> turn_began_{SteadyTime()};  // the epoch while it sleeps
  std::atomic<pthread_t> thread_{};
};

/// All shards of the process, each on a thread of its own but for shard 0, which run() puts on the caller's.
class Shards {
 public:
  explicit Shards(unsigned count);
  ~Shards();

  /// Blocks until stop().
  void run();
  void stop();

  [[nodiscard]] std::size_t size() const { return shards_.size(); }
  Shard& operator[](std::size_t i) { return *shards_[i]; }
  auto begin() { return shards_.begin(); }
  auto end() { return shards_.end(); }

 private:
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::thread> threads_;
};

/// `co_await sleep_until(t)`: goes on at `t` or up to 1 ms later.
class SleepUntil final : private Timer {
 public:
  explicit SleepUntil(SteadyTime at) : at_(at) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    waiter_.coroutine = caller;
    Shard::current().timers().arm(*this, at_);
  }
  void await_resume() const noexcept {}

 private:
  void on_timer() override { Shard::current().wake(waiter_); }

  SteadyTime at_;
  Waiter waiter_;
};
inline SleepUntil sleep_until(SteadyTime at) { return SleepUntil(at); }
inline SleepUntil sleep_for(std::chrono::nanoseconds d) { return SleepUntil(Shard::current().now() + d); }

/// `co_await yield()`: lets everything else that is ready on this shard run first.
class Yield {
 public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    waiter_.coroutine = caller;
    Shard::current().wake(waiter_);
  }
  void await_resume() const noexcept {}

 private:
  Waiter waiter_;
};
inline Yield yield() { return {}; }

/// Something that coroutines of one shard wait for, many at once and again and again.
class Event {
 public:
  /// Resumes everybody who waits now.
  void notify_all() {
    while (Waiter* waiter = waiters_.pop_front()) Shard::current().wake(*waiter);
  }
  [[nodiscard]] bool has_waiters() const { return !waiters_.empty(); }

  /// `co_await event.wait(deadline)`: true when notified, false when the deadline came first.
  class Wait final : private Timer {
   public:
    Wait(Event& event, SteadyTime deadline) : event_(event), deadline_(deadline) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      waiter_.coroutine = caller;
      event_.waiters_.push_back(waiter_);
      if (deadline_ != SteadyTime::max()) Shard::current().timers().arm(*this, deadline_);
    }
    bool await_resume() noexcept {
      cancel();
      return !timed_out_;
    }

   private:
    void on_timer() override {
      timed_out_ = true;
      Shard::current().wake(waiter_);
    }

    Event& event_;
    SteadyTime deadline_;
    bool timed_out_ = false;
    Waiter waiter_;
  };
  Wait wait(SteadyTime deadline = SteadyTime::max()) { return Wait(*this, deadline); }

 private:
  List<Waiter> waiters_;
};

/// `co_await`: runs `f` on another thread, where `Place` is, a Shard or a Worker, and comes back to this shard with its
/// value, or with the exception that left it. If the caller is destroyed meanwhile, `f` still runs and what becomes of
/// it is dropped. What `f` owns and its value are destroyed on this shard.
template <class Place, class F>
class Call {
  using T = std::invoke_result_t<F&>;

 public:
  Call(Place& place, F f) : place_(place), state_(std::make_shared<State>(std::move(f))) {}
  Call(Call&&) = delete;
  ~Call() { state_->waiter = nullptr; }

  bool await_ready() {
    if (!place_.is_here()) return false;
    state_->run();
    return true;
  }
  void await_suspend(std::coroutine_handle<> caller) {
    waiter_.coroutine = caller;
    state_->waiter = &waiter_;
    place_.post([state = state_, &origin = Shard::current()]() mutable {
      state->run();
      origin.post([state = std::move(state)] {
        if (state->waiter != nullptr) Shard::current().wake(*state->waiter);
      });
    });
  }
  T await_resume() {
    if (state_->exception) std::rethrow_exception(state_->exception);
    return std::move(*state_->result);
  }

 private:
  struct State {
    explicit State(F fn) : f(std::move(fn)) {}
    void run() noexcept {
      try {
        result.emplace(f());
      } catch (...) {
        exception = std::current_exception();
      }
    }
    F f;
    std::optional<T> result;
    std::exception_ptr exception;
    Waiter* waiter = nullptr;  // touched on the caller's shard only
  };
  Place& place_;
  std::shared_ptr<State> state_;
  Waiter waiter_;
};
/// Runs `f` on another shard, or at once on this one.
template <class F>
Call<Shard, F> call_on(Shard& target, F f) {
  return Call<Shard, F>(target, std::move(f));
}

namespace detail {

template <class T>
struct RunOnState {
  std::optional<T> result;
  Event done;  // of the caller's shard
};

template <class T, class F>
Task<void> run_and_tell(F make, Shard& origin, std::shared_ptr<RunOnState<T>> state) {
  T result = co_await make();
  origin.post([state, result = std::move(result)]() mutable {
    state->result.emplace(std::move(result));
    state->done.notify_all();
  });
}

}  // namespace detail

/// `co_await run_on(shard, scope, f)`: the same for what takes its time. `f` returns the task, which runs in `scope`,
/// of that shard. If the caller is destroyed meanwhile, the task goes on and its value is dropped.
template <class F, class T = decltype(std::declval<std::invoke_result_t<F&>>().operator co_await().await_resume())>
Task<T> run_on(Shard& target, TaskScope& scope, F f) {
  auto state = std::make_shared<detail::RunOnState<T>>();
  target.post([&scope, &origin = Shard::current(), state, make = std::move(f)]() mutable {
    scope.spawn(detail::run_and_tell<T, F>(std::move(make), origin, state));
  });
  while (!state->result) co_await state->done.wait();
  co_return *std::move(state->result);
}

}  // namespace sluice
