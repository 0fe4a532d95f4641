#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "core/shard.hpp"

namespace sluice {

/// A thread for what blocks or takes long, so that no shard does: reading files, writing them to the disk for sure. One
/// thing after the other. Outlives whoever waits for it; the shards outlive it.
class Worker {
 public:
  Worker();
  /// Finishes what is being done; what has not begun is dropped.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  template <class F>
  class Run;
  /// `co_await worker.run(f)`: runs `f` on the thread and comes back to the shard with its value. If the caller is
  /// destroyed meanwhile, `f` still runs and its value is dropped: it owns what it uses.
  template <class F>
  Run<F> run(F f) {
    return Run<F>(*this, std::move(f));
  }

 private:
  void post(std::move_only_function<void()> f);
  void work();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::move_only_function<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

template <class F>
class Worker::Run {
  using T = std::invoke_result_t<F&>;

 public:
  Run(Worker& worker, F f) : worker_(worker), state_(std::make_shared<State>(std::move(f))) {}
  Run(Run&&) = delete;
  ~Run() { state_->waiter = nullptr; }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    waiter_.coroutine = caller;
    state_->waiter = &waiter_;
    worker_.post([state = state_, &origin = Shard::current()]() mutable {
      state->result.emplace(state->f());
      // Let go of here, so that what `f` owns and its value are destroyed on the shard.
      origin.post([state = std::move(state)] {
        if (state->waiter != nullptr) Shard::current().wake(*state->waiter);
      });
    });
  }
  T await_resume() { return std::move(*state_->result); }

 private:
  struct State {
    explicit State(F fn) : f(std::move(fn)) {}
    F f;
    std::optional<T> result;
    Waiter* waiter = nullptr;  // touched on the caller's shard only
  };
  Worker& worker_;
  std::shared_ptr<State> state_;
  Waiter waiter_;
};

}  // namespace sluice
