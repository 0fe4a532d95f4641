#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "format/m3u8/exchange.hpp"
#include "format/m3u8/pace.hpp"
#include "format/m3u8/reader.hpp"
#include "format/m3u8/rules.hpp"
#include "format/m3u8/segment_history.hpp"

namespace sluice::m3u8 {

/// Keeps violations, each once however often it shows. At most 10,000.
class ViolationLog {
 public:
  /// Adds those that are new and returns them; the span holds until the next call.
  std::span<const Violation> add(std::vector<Violation> violations);

  [[nodiscard]] const std::vector<Violation>& all() const { return all_; }

 private:
  std::vector<Violation> all_;
  std::set<std::pair<Rule, std::string>> told_;
};

/// Follows one Media Playlist through its reloads and notes every rule of RFC 8216bis that the server breaks. Give it
/// every answer in order. Belongs to the one who feeds it; knows no clock and no network.
class Checker {
 public:
  explicit Checker(const CheckerOptions& options = {}) : options_(options), pace_(options) {}

  /// Takes the next answer. Returns the broken rules that it was the first to show; the span holds until the next call.
  std::span<const Violation> on_answer(const Exchange& exchange);

  [[nodiscard]] const std::vector<Violation>& violations() const { return log_.all(); }

  /// The newest playlist, delta updates merged; null before the first good answer.
  [[nodiscard]] const MediaPlaylist* playlist() const { return current_ ? &*current_ : nullptr; }

  /// How many answers came.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }

 private:
  void take_text(const Exchange& exchange, Report& report);
  void check_reload(const ParsedMedia& parsed, const MediaPlaylist& whole, Report& report) const;

  CheckerOptions options_;
  SegmentHistory history_;
  Pace pace_;
  std::optional<MediaPlaylist> current_;
  SteadyTime current_since_{};
  std::uint64_t reloads_ = 0;
  ViolationLog log_;
};

}  // namespace sluice::m3u8
