#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace sluice::stream {

/// Remembers over restarts, kill -9 included, how far each stream's discontinuity numbers have come, so that no number
/// is used twice. Numbers are reserved in blocks, and only reservations are written, to one small file, by a thread of
/// its own: a stream never waits for the disk. Callable from any shard.
///
/// Bounded: of more than 10,000 names the ones longest unused are forgotten; all that is forgotten begins above the
/// highest number that was.
class NumberKeeper {
 public:
  /// Reads `file` if it is there; what cannot be read is logged and counts as empty. An empty path keeps nothing.
  explicit NumberKeeper(std::filesystem::path file);
  /// Writes what has not been written yet.
  ~NumberKeeper();
  NumberKeeper(const NumberKeeper&) = delete;
  NumberKeeper& operator=(const NumberKeeper&) = delete;

  /// The number that the next life of stream `name` begins with: above every one that was used for it before.
  std::uint64_t next(const std::string& name);

  /// Stream `name` has counted up to `number` by itself.
  void used(const std::string& name, std::uint64_t number);

 private:
  static constexpr std::uint64_t kBlock = 64;
  static constexpr std::size_t kMostNames = 10'000;
  struct Entry {
    std::uint64_t next = 0;
    std::uint64_t reserved = 0;  // numbers below it are written as used
    std::uint64_t used_at = 0;   // counts calls
  };

  Entry& entry(const std::string& name);
  void advance(Entry& entry, std::uint64_t next);
  void load();
  void write_loop();
  [[nodiscard]] std::string text() const;
  void forget_oldest();

  const std::filesystem::path file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Entry> entries_;
  std::uint64_t floor_ = 0;  // where unknown names begin
  std::uint64_t calls_ = 0;
  bool dirty_ = false;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace sluice::stream
