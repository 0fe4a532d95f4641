#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
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

  /// `co_await worker.run(f)`: runs `f` on the thread and comes back to the shard with its value, or its exception. As
  /// `f` runs also where its caller is gone, it owns what it uses.
  template <class F>
  Call<Worker, F> run(F f) {
    return Call<Worker, F>(*this, std::move(f));
  }

 private:
  template <class Place, class F>
  friend class Call;
  static bool is_here() { return false; }  // nobody waits on the thread itself
  void post(std::move_only_function<void()> f);
  void work();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::move_only_function<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sluice
