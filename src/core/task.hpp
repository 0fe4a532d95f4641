#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/assert.hpp"
#include "core/list.hpp"

namespace sluice {

namespace detail {

template <class T>
struct TaskResult {
  std::optional<T> value;
  void return_value(T v) { value.emplace(std::move(v)); }
  T take() { return std::move(*value); }
};
template <>
struct TaskResult<void> {
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace detail

/// A coroutine that runs when it is awaited and returns to whoever awaited it. The Task owns the frame: destroying it
/// while it waits cancels what it waits for, and so on down the chain. That is how everything here is cancelled.
/// Belongs to the shard on which it runs.
template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::TaskResult<T> {
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Resume {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
          return self.promise().caller;
        }
        void await_resume() noexcept {}
      };
      return Resume{};
    }
    void unhandled_exception() noexcept { exception = std::current_exception(); }

    std::coroutine_handle<> caller;
    std::exception_ptr exception;
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Await {
      std::coroutine_handle<promise_type> frame;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
        frame.promise().caller = caller;
        return frame;
      }
      T await_resume() {
        if (frame.promise().exception) std::rethrow_exception(frame.promise().exception);
        return frame.promise().take();
      }
    };
    return Await{frame_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

/// Owns tasks that run on their own: a session, a listener. Destroying the scope destroys every task in it where it
/// waits. REQUIRES: not destroyed from inside one of its tasks.
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() { cancel(); }

  /// Destroys every task in it where it waits. REQUIRES: not called from inside one of them.
  void cancel() {
    while (Root* root = roots_.front()) root->destroy();
  }

  /// Starts `task` now, until it first waits. An exception that leaves it ends that task alone and is logged.
  void spawn(Task<void> task) {
    ++count_;
    run(*this, std::move(task));
  }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

 private:
  struct Root : ListNode {
    virtual void destroy() = 0;

   protected:
    ~Root() = default;
  };
  // The outermost frame: its promise is the list entry, so that a finished task leaves the list by itself.
  struct Runner {
    struct promise_type final : Root {
      explicit promise_type(TaskScope& s, Task<void>&) : scope(s) { scope.roots_.push_back(*this); }
      ~promise_type() { --scope.count_; }
      Runner get_return_object() noexcept { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      void unhandled_exception() noexcept { log_exception(); }
      void destroy() override { std::coroutine_handle<promise_type>::from_promise(*this).destroy(); }
      TaskScope& scope;
    };
  };
  static Runner run(TaskScope&, Task<void> task) { co_await std::move(task); }
  static void log_exception() noexcept;

  List<Root> roots_;
  std::size_t count_ = 0;
};

}  // namespace sluice
