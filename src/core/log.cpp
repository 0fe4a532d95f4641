#include "core/log.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <functional>
#include <mutex>
#include <thread>

#include "core/log_output.hpp"
#include "core/log_repeats.hpp"

namespace sluice::log {
namespace {

constexpr int kPatienceMs = 1000;
constexpr auto kGather =
    std::chrono::milliseconds(10);  // lines are written together: waking a thread costs more than a line

/// Names a place in the code.
std::uint64_t key_of(const std::source_location& place) {
  return std::hash<std::string_view>()(place.file_name()) * 31 + place.line();
}

std::string_view subject_of(Fields fields) {
  if (fields.size() == 0) return {};
  const auto* text = std::get_if<std::string_view>(&fields.begin()->value);
  return text != nullptr ? *text : std::string_view();
}

class Log {
 public:
  Log() : writer_([this] { run(); }) {}

  ~Log() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    writer_.join();
  }

  void configure(const Options& options) {
    const std::lock_guard lock(mutex_);
    level.store(options.level, std::memory_order_relaxed);
    format.store(options.format, std::memory_order_relaxed);
    requests.store(options.requests, std::memory_order_relaxed);
    reopen_ = reopen_ || requests_file_ != options.requests_file;
    requests_file_ = options.requests_file;
    wake_.notify_one();
  }

  void reopen() {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
    wake_.notify_one();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    ++flushing_;
    wake_.notify_all();
    flushed_.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                      [&] { return !reopen_ && !writing_ && main_.empty() && access_.empty(); });
    --flushing_;
  }

  void write(Level of, std::string_view message, Fields fields, std::uint64_t place) {
    std::string tail;
    const Entry entry = entry_of(of, message, fields, tail);
    const bool is_fault = of >= Level::notice && place != 0;
    const std::lock_guard lock(mutex_);
    if (is_fault) {
      const auto now = std::chrono::steady_clock::now();
      if (!repeats_.admit(place, subject_of(fields), now, entry)) {
        ++counts_.repeated;
        return;
      }
    }
    add(main_, entry);
  }

  void request(Fields fields) {
    std::string tail;
    const Entry entry = entry_of(Level::info, "request", fields, tail);
    const std::lock_guard lock(mutex_);
    add(access_, entry);
  }

  std::vector<RecentLine> recent() {
    const std::lock_guard lock(mutex_);
    return recent_.all();
  }

  Counts counts() {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

  // Read without the lock.
  std::atomic<Level> level = Level::info;
  std::atomic<Format> format = Format::text;
  std::atomic<bool> requests = false;

 private:
  /// An entry in the format of this moment. `tail` is its text, and outlives it.
  Entry entry_of(Level of, std::string_view message, Fields fields, std::string& tail) const {
    const Format now = format.load(std::memory_order_relaxed);
    append_fields(tail, now, fields);
    return {.format = now, .level = of, .message = message, .tail = tail};
  }

  void add(LogOutput& output, const Entry& entry, std::uint64_t repeated = 0) {
    const bool was_empty = output.empty();
    const auto now = std::chrono::system_clock::now();
    if (&output == &main_) {
      recent_.add(std::chrono::floor<UtcTime::duration>(now), entry.level, entry.message, entry.tail, repeated);
    }
    ++counts_.lines;
    if (!output.add(line(entry, now, repeated))) ++counts_.dropped;
    if (was_empty || output.is_half_full()) wake_.notify_one();
  }

  void run() {
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::unique_lock lock(mutex_);
    for (;;) {
      add_due();
      if (reopen_) reopen(lock);
      if (!main_.empty() || !access_.empty()) {
        wake_.wait_for(lock, kGather, [this] {
          return stopping_ || flushing_ != 0 || reopen_ || main_.is_half_full() || access_.is_half_full();
        });
        write_waiting(lock);
        continue;
      }
      flushed_.notify_all();
      if (stopping_) return;
      if (const auto next = repeats_.next()) {
        wake_.wait_until(lock, *next);
      } else {
        wake_.wait(lock);
      }
    }
  }

  /// What was held back, and how much was lost.
  void add_due() {
    // At the end nothing is held back any longer.
    const auto now = std::chrono::steady_clock::now() + (stopping_ ? Repeats::kPeriod : SteadyTime::duration());
    for (const auto& due : repeats_.take_due(now)) add(main_, due.entry(), due.repeated);
    if (counts_.dropped == told_dropped_ || !main_.empty()) return;
    std::string tail;
    const std::uint64_t lost = counts_.dropped - told_dropped_;
    told_dropped_ = counts_.dropped;
    add(main_, entry_of(Level::warning, "the log did not keep up and lost lines", {{"lines", lost}}, tail));
  }

  void reopen(std::unique_lock<std::mutex>& lock) {
    reopen_ = false;
    writing_ = true;
    const std::string path = requests_file_;
    lock.unlock();
    const bool opened = access_.open(path);
    const int error = errno;
    lock.lock();
    writing_ = false;
    if (opened) return;
    std::string tail;
    add(main_,
        entry_of(Level::error, "cannot open the access log", {{"file", path}, {"error", std::strerror(error)}}, tail));
  }

  void write_waiting(std::unique_lock<std::mutex>& lock) {
    const auto lines = main_.take();
    const auto requests_lines = access_.take();
    writing_ = true;
    lock.unlock();
    const auto dropped = main_.write(lines, kPatienceMs) + access_.write(requests_lines, kPatienceMs);
    lock.lock();
    writing_ = false;
    counts_.dropped += dropped;
    // Nobody reads: saying so would be dropped too, again and again.
    if (dropped != 0 && stopping_) told_dropped_ = counts_.dropped;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable flushed_;
  LogOutput main_;  // the waiting lines of both under the mutex, their descriptors the writer's alone
  LogOutput access_;
  Repeats repeats_;
  RecentLines recent_;
  Counts counts_;
  std::uint64_t told_dropped_ = 0;
  std::string requests_file_;
  int flushing_ = 0;
  bool reopen_ = false;
  bool writing_ = false;
  bool stopping_ = false;
  std::thread writer_;
};

Log& log() {
  static Log instance;
  return instance;
}

}  // namespace

void configure(const Options& options) { log().configure(options); }
void reopen() { log().reopen(); }
void flush() { log().flush(); }

void write(Level level, std::string_view message, Fields fields, std::source_location place) {
  if (level >= log().level.load(std::memory_order_relaxed) && level != Level::none) {
    log().write(level, message, fields, key_of(place));
  }
}

bool wants_requests() { return log().requests.load(std::memory_order_relaxed); }
void request(Fields fields) {
  if (wants_requests()) log().request(fields);
}

std::vector<RecentLine> recent() { return log().recent(); }
Counts counts() { return log().counts(); }

}  // namespace sluice::log
