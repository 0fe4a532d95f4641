#include "stream/number_keeper.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "core/log.hpp"

namespace sluice::stream {
namespace {

constexpr std::string_view kHeading = "sluice-numbers-3";

constexpr std::int64_t kLatest = 253'402'300'799;  // the end of the year 9999, in seconds of UTC

Numbers greatest(Numbers a, Numbers b) {
  return {.segment = std::max(a.segment, b.segment), .discontinuity = std::max(a.discontinuity, b.discontinuity)};
}

Numbers sum(Numbers a, Numbers b) {
  return {.segment = a.segment + b.segment, .discontinuity = a.discontinuity + b.discontinuity};
}

}  // namespace

NumberKeeper::NumberKeeper(std::filesystem::path file) : file_(std::move(file)) {
  if (file_.empty()) return;
  load();
  writer_ = std::thread([this] { write_loop(); });
}

NumberKeeper::~NumberKeeper() {
  if (!writer_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  writer_.join();
}

/// The file: a heading, the floor, then a line for each name: the numbers that it goes on with, when it was on air last
/// in seconds of UTC, and the name.
void NumberKeeper::load() {
  std::ifstream in(file_);
  if (!in) return;
  std::string heading;
  if (!(in >> heading >> floor_.segment >> floor_.discontinuity) || heading != kHeading) {
    log::error("not a file of numbers, numbers begin anew", {{"file", file_.string()}});
    floor_ = {};
    return;
  }
  Numbers next;
  std::int64_t on_air = 0;
  std::string name;
  while (in >> next.segment >> next.discontinuity >> on_air >> name && entries_.size() < kMostNames) {
    const std::chrono::seconds since_epoch(std::clamp(on_air, std::int64_t{0}, kLatest));
    entries_[name] = {.next = next, .reserved = next, .on_air = UtcTime(since_epoch)};
  }
}

NumberKeeper::Entry& NumberKeeper::entry(const std::string& name) {
  if (!entries_.contains(name) && entries_.size() >= kMostNames) forget_oldest();
  Entry& found = entries_.try_emplace(name, Entry{.next = floor_, .reserved = floor_}).first->second;
  found.used_at = ++calls_;
  return found;
}

void NumberKeeper::advance(Entry& entry, Numbers next) {
  entry.next = greatest(entry.next, next);
  // Ahead of need, so that the reservation is on its way long before its first number is served.
  const bool enough = entry.next.segment + kBlock.segment / 2 <= entry.reserved.segment &&
                      entry.next.discontinuity + kBlock.discontinuity / 2 <= entry.reserved.discontinuity;
  if (enough) return;
  entry.reserved = sum(entry.next, kBlock);
  write_soon();
}

void NumberKeeper::write_soon() {
  if (!std::exchange(dirty_, true)) changed_.notify_one();
}

Numbers NumberKeeper::next(const std::string& name, std::uint64_t first) {
  const std::lock_guard lock(mutex_);
  const bool known = entries_.contains(name);
  Entry& found = entry(name);
  const Numbers numbers = known ? found.next : greatest(found.next, {.segment = first});
  advance(found, {.segment = numbers.segment, .discontinuity = numbers.discontinuity + 1});
  return numbers;
}

void NumberKeeper::used(const std::string& name, Numbers numbers, UtcTime now) {
  const std::lock_guard lock(mutex_);
  Entry& found = entry(name);
  if (std::chrono::abs(now - found.on_air) >= kFresh) {
    found.on_air = now;
    write_soon();
  }
  advance(found, {.segment = numbers.segment + 1, .discontinuity = numbers.discontinuity + 1});
}

bool NumberKeeper::was_on_air(const std::string& name, UtcTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(name);
  return found != entries_.end() && std::chrono::abs(now - found->second.on_air) < kLately;
}

void NumberKeeper::forget_oldest() {
  const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.used_at; });
  floor_ = greatest(floor_, oldest->second.reserved);
  entries_.erase(oldest);
}

std::string NumberKeeper::text() const {
  std::ostringstream out;
  const auto write = [&out](Numbers numbers) -> auto& {
    return out << numbers.segment << ' ' << numbers.discontinuity;
  };
  out << kHeading << '\n';
  write(floor_) << '\n';
  for (const auto& [name, entry] : entries_) {
    const auto on_air = std::chrono::floor<std::chrono::seconds>(entry.on_air.time_since_epoch());
    write(entry.reserved) << ' ' << on_air.count() << ' ' << name << '\n';
  }
  return std::move(out).str();
}

void NumberKeeper::write_loop() {
  auto wait = kBetweenWrites;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return dirty_ || stopping_; });
    if (!dirty_) return;
    dirty_ = false;
    const bool last = stopping_;
    const std::string content = text();
    lock.unlock();
    const bool written = write(content);
    lock.lock();
    if (last) return;
    wait = written ? kBetweenWrites : std::min(2 * wait, kLongestWait);
    dirty_ = dirty_ || !written;
    changed_.wait_for(lock, wait, [this] { return stopping_; });
  }
}

/// Whole or not at all: a reader, or a crash in between, sees the old file or the new one.
bool NumberKeeper::write(const std::string& content) const {
  auto beside = file_;
  beside += ".new";
  std::ofstream out(beside, std::ios::trunc);
  out << content;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(beside, file_, error);
  const bool written = out && !error;
  if (!written) log::error("numbers cannot be written and may repeat after a restart", {{"file", file_.string()}});
  return written;
}

}  // namespace sluice::stream
