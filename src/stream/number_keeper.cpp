#include "stream/number_keeper.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/log.hpp"

namespace sluice::stream {
namespace {

constexpr std::string_view kHeading = "sluice-numbers-1";

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

/// The file: a heading, the floor, then a line for each name: the number that it goes on with, and the name.
void NumberKeeper::load() {
  std::ifstream in(file_);
  if (!in) return;
  std::string heading;
  if (!(in >> heading >> floor_) || heading != kHeading) {
    log::error("{}: not a file of numbers; numbers begin anew", file_.string());
    floor_ = 0;
    return;
  }
  std::uint64_t next = 0;
  std::string name;
  while (in >> next >> name && entries_.size() < kMostNames) entries_[name] = {.next = next, .reserved = next};
}

NumberKeeper::Entry& NumberKeeper::entry(const std::string& name) {
  if (!entries_.contains(name) && entries_.size() >= kMostNames) forget_oldest();
  Entry& found = entries_.try_emplace(name, Entry{.next = floor_, .reserved = floor_}).first->second;
  found.used_at = ++calls_;
  return found;
}

void NumberKeeper::advance(Entry& entry, std::uint64_t next) {
  entry.next = std::max(entry.next, next);
  // Ahead of need, so that the reservation is on its way long before its first number is served.
  if (entry.next + kBlock / 2 <= entry.reserved) return;
  entry.reserved = entry.next + kBlock;
  dirty_ = true;
  changed_.notify_one();
}

std::uint64_t NumberKeeper::next(const std::string& name) {
  const std::lock_guard lock(mutex_);
  Entry& found = entry(name);
  const std::uint64_t number = found.next;
  advance(found, number + 1);
  return number;
}

void NumberKeeper::used(const std::string& name, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  advance(entry(name), number + 1);
}

void NumberKeeper::forget_oldest() {
  const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.used_at; });
  floor_ = std::max(floor_, oldest->second.reserved);
  entries_.erase(oldest);
}

std::string NumberKeeper::text() const {
  std::ostringstream out;
  out << kHeading << '\n' << floor_ << '\n';
  for (const auto& [name, entry] : entries_) out << entry.reserved << ' ' << name << '\n';
  return std::move(out).str();
}

void NumberKeeper::write_loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return dirty_ || stopping_; });
    if (!dirty_) return;
    dirty_ = false;
    const std::string content = text();
    lock.unlock();
    // Whole or not at all: a reader, or a crash in between, sees the old file or the new one.
    auto beside = file_;
    beside += ".new";
    std::ofstream out(beside, std::ios::trunc);
    out << content;
    out.close();
    std::error_code error;
    if (out) std::filesystem::rename(beside, file_, error);
    if (!out || error) log::error("{}: cannot be written; numbers may repeat after a restart", file_.string());
    lock.lock();
  }
}

}  // namespace sluice::stream
