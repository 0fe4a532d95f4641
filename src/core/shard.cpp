#include "core/shard.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/assert.hpp"
#include "core/log.hpp"

namespace sluice {
namespace {

thread_local Shard* current_shard = nullptr;

// What all shards together may map: below the 47 bits of a process, and far less where a sanitizer needs the space.
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
constexpr std::size_t kArenaTotal = std::size_t{64} << 30;
#else
constexpr std::size_t kArenaTotal = std::size_t{32} << 40;
#endif
constexpr std::size_t kArenaOfOne = std::size_t{8} << 40;

}  // namespace

Shard::Shard(unsigned index, std::size_t arena_bytes)
    : index_(index),
      arena_(arena_bytes),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      timers_(std::chrono::steady_clock::now()),
      now_(std::chrono::steady_clock::now()) {
  SLUICE_ASSERT(epoll_ >= 0 && wake_fd_ >= 0, "no descriptors left at start");
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  SLUICE_ASSERT(::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_fd_, &event) == 0, "epoll refused the eventfd");
}

Shard::~Shard() {
  ::close(wake_fd_);
  ::close(epoll_);
}

Shard& Shard::current() {
  SLUICE_ASSERT(current_shard != nullptr, "called on a thread that is no shard");
  return *current_shard;
}
Shard* Shard::current_or_null() { return current_shard; }

void Shard::run() {
  current_shard = this;
  thread_.store(::pthread_self(), std::memory_order_relaxed);
  now_ = std::chrono::steady_clock::now();
  turn_began_.store(now_, std::memory_order_relaxed);
  while (!stopping_.load(std::memory_order_relaxed)) turn();
  turn_began_.store(SteadyTime(), std::memory_order_relaxed);
  current_shard = nullptr;
}

void Shard::stop() {
  post([this] { stopping_.store(true, std::memory_order_relaxed); });
}

void Shard::post(std::move_only_function<void()> f) {
  bool wake = false;
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(f));
    wake = std::exchange(asleep_, false);
  }
  if (wake) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(wake_fd_, &one, sizeof one);
  }
}

std::optional<SteadyTime> Shard::busy_since() const {
  const auto began = turn_began_.load(std::memory_order_relaxed);
  return began == SteadyTime() ? std::nullopt : std::optional(began);
}

Result<void> Shard::watch(int fd, IoObserver& observer) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &observer}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    return fail(std::error_code(errno, std::generic_category()));
  }
  return {};
}

void Shard::unwatch(int fd) { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

bool Shard::drop_posted() {
  std::vector<std::move_only_function<void()>> dropped;
  const std::lock_guard lock(posted_mutex_);
  dropped.swap(posted_);
  return !dropped.empty();
}

void Shard::run_posted() {
  std::vector<std::move_only_function<void()>> batch;
  {
    const std::lock_guard lock(posted_mutex_);
    batch.swap(posted_);
  }
  load_.posts += batch.size();
  for (auto& f : batch) f();
}

void Shard::turn() {
  using namespace std::chrono;
  run_posted();
  if (stopping_.load(std::memory_order_relaxed)) return;
  // Only what is ready now: a coroutine that wakes itself again and again must not starve the sockets.
  List<Waiter> batch;
  batch.splice(ready_);
  while (Waiter* waiter = batch.pop_front()) waiter->coroutine.resume();

  const auto before_sleep = steady_clock::now();
  load_.busy += before_sleep - now_;
  load_.longest_turn = std::max<nanoseconds>(load_.longest_turn, before_sleep - now_);
  window_.add(before_sleep, before_sleep - now_);

  int timeout = 0;
  {
    const std::lock_guard lock(posted_mutex_);
    asleep_ = posted_.empty() && ready_.empty();
    if (asleep_) timeout = -1;
  }
  if (timeout != 0) {
    const SteadyTime next = timers_.next();
    if (next != SteadyTime::max()) {
      timeout = static_cast<int>(std::clamp<std::int64_t>(ceil<milliseconds>(next - before_sleep).count(), 0, 60'000));
    }
  }
  turn_began_.store(SteadyTime(), std::memory_order_relaxed);
  std::array<epoll_event, 256> events;
  const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
  now_ = steady_clock::now();
  turn_began_.store(now_, std::memory_order_relaxed);
  {
    const std::lock_guard lock(posted_mutex_);
    asleep_ = false;
  }
  for (int i = 0; i < n; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(wake_fd_, &count, sizeof count);
    } else {
      static_cast<IoObserver*>(event.data.ptr)->on_io(event.events);
    }
  }
  timers_.advance(now_);
}

Shards::Shards(unsigned count) {
  const std::size_t each = std::min(kArenaOfOne, kArenaTotal / count);
  for (unsigned i = 0; i < count; ++i) shards_.push_back(std::make_unique<Shard>(i, each));
}

Shards::~Shards() {
  // What was posted and will not run may hold memory of any shard's arena; dropping it may post once more.
  bool dropped = true;
  while (dropped) {
    dropped = false;
    for (auto& shard : shards_) dropped = shard->drop_posted() || dropped;
  }
}

void Shards::run() {
  for (std::size_t i = 1; i < shards_.size(); ++i) threads_.emplace_back([this, i] { shards_[i]->run(); });
  shards_[0]->run();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Shards::stop() {
  for (auto& shard : shards_) shard->stop();
}

void TaskScope::log_exception() noexcept {
  try {
    throw;
  } catch (const std::exception& e) {
    log::error("a task ended with an exception", {{"error", e.what()}});
  } catch (...) {
    log::error("a task ended with an unknown exception");
  }
}

}  // namespace sluice
