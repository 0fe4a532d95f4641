#include "core/stack_trace.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>
#include <semaphore.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <ctime>
#include <string_view>

namespace sluice {
namespace {

/// Shared with the handler, which may come late: after its caller has given up.
struct Trace {
  std::array<void*, 48> frames{};
  std::atomic<int> count = 0;
  sem_t done;
};

Trace& trace() {
  static Trace instance = [] {
    // The first call loads libgcc, which a signal's handler must not do.
    std::array<void*, 1> unused{};
    ::backtrace(unused.data(), 1);
    return Trace();
  }();
  return instance;
}

void on_signal(int) {
  Trace& to = trace();
  to.count.store(::backtrace(to.frames.data(), static_cast<int>(to.frames.size())), std::memory_order_release);
  ::sem_post(&to.done);
}

std::string place_of(void* frame) {
  Dl_info info{};
  if (::dladdr(frame, &info) == 0 || info.dli_fname == nullptr) return fmt::format("{}", frame);
  const std::string_view file(info.dli_fname);
  const auto offset = reinterpret_cast<std::uintptr_t>(frame) - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
  return fmt::format("{}+{:#x}", file.substr(file.rfind('/') + 1), offset);
}

}  // namespace

std::string stack_of(pthread_t thread) {
  Trace& from = trace();
  static const bool installed = [&] {
    ::sem_init(&from.done, 0, 0);
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    return ::sigaction(SIGRTMIN + 1, &action, nullptr) == 0;
  }();
  if (!installed) return {};
  while (::sem_trywait(&from.done) == 0) {
  }
  if (::pthread_kill(thread, SIGRTMIN + 1) != 0) return {};
  timespec until{};
  ::clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 1;
  if (::sem_timedwait(&from.done, &until) != 0) return {};
  std::string out;
  // The first two are the handler and what called it.
  for (int i = 2; i < from.count.load(std::memory_order_acquire); ++i) {
    if (!out.empty()) out += ' ';
    out += place_of(from.frames[static_cast<std::size_t>(i)]);
  }
  return out;
}

}  // namespace sluice
