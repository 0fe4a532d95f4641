#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::log {

/// Where lines go, standard error or a file, with the lines that wait for it. Not thread-safe.
class LogOutput {
 public:
  static constexpr std::size_t kMostWaiting = std::size_t{1} << 20;

  LogOutput() = default;
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;
  ~LogOutput() { close(); }

  /// False: there is no room, the line is dropped.
  bool add(std::string_view line);
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] bool is_half_full() const { return waiting_.size() > kMostWaiting / 2; }
  /// Takes the lines that wait.
  std::string take();

  /// Opens `path` to append to; empty: standard error. Opening what is open opens it again. May block.
  bool open(const std::string& path);
  /// Writes whole lines; where nobody takes them for `patience_ms` the rest is dropped. The number of dropped lines.
  std::uint64_t write(std::string_view lines, int patience_ms) const;

 private:
  void close();

  std::string waiting_;
  int fd_ = 2;
};

}  // namespace sluice::log
