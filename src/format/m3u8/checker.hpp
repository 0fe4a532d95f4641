#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "format/m3u8/reader.hpp"
#include "format/m3u8/rules.hpp"

namespace sluice::m3u8 {

/// A request for a Media Playlist and what came back.
struct Exchange {
  SteadyTime requested{};
  SteadyTime answered{};              ///< when the last byte of the answer was there
  std::optional<std::uint64_t> msn;   ///< _HLS_msn
  std::optional<std::uint64_t> part;  ///< _HLS_part
  bool skip = false;                  ///< _HLS_skip=YES or v2
  int status = 200;                   ///< of HTTP
  std::string_view text;              ///< the body, without content encoding
};

/// What the checker grants to clocks and networks, and what it knows of the stream.
struct CheckerOptions {
  Duration date_time_tolerance{50'000};  ///< of EXT-X-PROGRAM-DATE-TIME against the sum of the durations
  Duration delivery_tolerance{250'000};  ///< of times measured here: network, scheduling
  bool low_latency = false;              ///< the playlist must meet the Low-Latency Server Configuration Profile, B.1
};

/// Follows one Media Playlist through its reloads and notes every rule of RFC 8216bis that the server breaks. Give it
/// every answer in order. Belongs to the one who feeds it; knows no clock and no network; keeps the last 1000 segments.
class Checker {
 public:
  explicit Checker(CheckerOptions options = {});

  /// Takes the next answer. Returns the broken rules that it brought to light; they are also kept.
  std::span<const Violation> on_answer(const Exchange& exchange);

  /// All violations so far, at most 10,000.
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }

  /// The newest playlist, delta updates merged; null before the first good answer.
  [[nodiscard]] const MediaPlaylist* playlist() const { return current_ ? &*current_ : nullptr; }

  /// How many answers came.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }

 private:
  CheckerOptions options_;
  std::optional<MediaPlaylist> current_;
  std::vector<Violation> violations_;
  std::uint64_t reloads_ = 0;
};

}  // namespace sluice::m3u8
