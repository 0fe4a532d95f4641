#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "core/time.hpp"

namespace sluice::stream {

/// The numbers of HLS that may never be used twice: EXT-X-MEDIA-SEQUENCE and EXT-X-DISCONTINUITY-SEQUENCE.
struct Numbers {
  std::uint64_t segment = 0;
  std::uint64_t discontinuity = 0;
};

/// Remembers over restarts, kill -9 included, how far each stream's numbers have come, so that none is used twice, and
/// which streams were on air lately.
/// Numbers are reserved in blocks, and only reservations are written, to one small file, by a thread of its own: a
/// stream never waits for the disk. A write that fails is tried again, less and less often. Callable from any shard.
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

  /// The numbers that the next life of stream `name` begins with: above all that were used for it before. Segments of a
  /// name that is not known begin with `first` or above. The discontinuity counts as used.
  Numbers next(const std::string& name, std::uint64_t first);

  /// Stream `name`, which is on air at `now`, has counted up to these by itself.
  void used(const std::string& name, Numbers numbers, UtcTime now);

  /// Whether a stream of that name was on air in the ten minutes before `now`, in this run of the server or a former
  /// one; or after `now`, as much, for the clock may have been set back since.
  [[nodiscard]] bool was_on_air(const std::string& name, UtcTime now) const;

 private:
  /// Players take a jump of segment numbers for as many segments that they have missed: that block is small.
  static constexpr Numbers kBlock{.segment = 3, .discontinuity = 64};
  static constexpr std::chrono::seconds kBetweenWrites{1};
  static constexpr std::chrono::seconds kLongestWait{60};  // between writes that fail
  static constexpr std::size_t kMostNames = 10'000;
  static constexpr std::chrono::minutes kLately{10};
  static constexpr std::chrono::minutes kFresh{1};
  struct Entry {
    Numbers next;
    Numbers reserved;           // numbers below are written as used
    UtcTime on_air{};           // last, to within kFresh
    std::uint64_t used_at = 0;  // counts calls
  };

  Entry& entry(const std::string& name);
  void advance(Entry& entry, Numbers next);
  void write_soon();
  void load();
  void write_loop();
  [[nodiscard]] bool write(const std::string& content) const;
  [[nodiscard]] std::string text() const;
  void forget_oldest();

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Entry> entries_;
  Numbers floor_;  // where unknown names begin
  std::uint64_t calls_ = 0;
  bool dirty_ = false;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace sluice::stream
