#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "format/m3u8/rules.hpp"
#include "load/frame_ledger.hpp"
#include "load/histogram.hpp"
#include "load/url.hpp"

namespace sluice::load {

/// How a viewer reads once its picture has come: as fast as it can, at a tenth of the others' rate, not at all.
enum class Behaviour : std::uint8_t { ordinary, slow, stalled };

/// How it ended, or that it has not.
enum class Outcome : std::uint8_t {
  waiting,      ///< not begun
  playing,      ///< connecting or playing
  unreachable,  ///< no connection
  refused,      ///< an HTTP status or an RTMP error instead of media
  dropped,      ///< the connection was closed or broke while it played
  unreadable,   ///< what came was no medium of the kind
  ended,        ///< the server said that the stream is over
};
std::string_view to_string(Outcome outcome);

/// A stop of more than this between two bytes of a flow is a stall.
inline constexpr std::chrono::seconds kStall{1};
/// A player's picture that stood still for more than this is a stall.
inline constexpr std::chrono::milliseconds kLate{100};
inline constexpr std::size_t kMostViolations = 20;

/// What one viewer saw. Its player writes it, the report reads it; both on the run's shard. Counts are of the
/// measurement window; what happens once is not.
class Viewer {
 public:
  struct Options {
    const Target* target = nullptr;  ///< borrowed
    unsigned index = 0;              ///< among the viewers of its target
    Behaviour behaviour = Behaviour::ordinary;
    bool parsed = false;                ///< to the end; others until their first keyframe
    std::string record;                 ///< a file for the media that comes, of a parsed viewer; empty: none
    double slow_rate = 0;               ///< bytes a second of a slow viewer; 0: a tenth of `reference`'s
    const Viewer* reference = nullptr;  ///< an ordinary viewer of the same URL; borrowed
  };

  struct Counts {
    std::uint64_t bytes = 0;  ///< read from sockets, heads and framing included
    std::uint64_t video_frames = 0;
    std::uint64_t audio_frames = 0;
    std::uint64_t stalls = 0;
    std::chrono::microseconds longest_gap{};  ///< without a byte; of HLS: that a picture stood still
    std::uint64_t http_errors = 0;            ///< answers with another status than 200
    std::uint64_t damage = 0;                 ///< places where the framing was broken
  };

  explicit Viewer(Options options) : options_(std::move(options)) {}

  // For its player.

  /// Begins the time to the first keyframe, the first time it is called.
  void on_connecting();
  void on_bytes(std::size_t n, SteadyTime now);
  void on_video(BytesView payload, bool random_access);
  /// It has what it needs to show something.
  void on_started();
  void on_audio() { ++counts_.audio_frames; }
  void on_http_error() { ++counts_.http_errors; }
  void on_damage(std::uint64_t places) { counts_.damage += places; }
  /// `duration` more of media is here whole, as playlists announce it: from now on a stall is that a player who began
  /// to play with the first would have nothing to show for kLate.
  void on_media(std::chrono::microseconds duration, SteadyTime now);
  void on_violations(std::span<const m3u8::Violation> violations);
  void on_end(const Result<void>& result);

  /// Media must be taken apart for it: always, or until it has begun.
  [[nodiscard]] bool wants_frames() const { return options_.parsed || !startup_; }

  // For the run.

  void begin_window();
  /// The window is over: a gap under way counts up to `now`.
  void end_window(SteadyTime now);

  // For the report.

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Outcome outcome() const { return outcome_; }
  [[nodiscard]] std::error_code error() const { return error_; }
  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const FrameLedger& ledger() const { return ledger_; }
  /// From frame sent to frame here.
  [[nodiscard]] const Histogram& delay() const { return delay_; }
  /// From the begin of the TCP connection to the first whole keyframe.
  [[nodiscard]] std::optional<std::chrono::microseconds> startup() const { return startup_; }
  /// Of the rules of HLS, since the start; the first kMostViolations of them in words.
  [[nodiscard]] std::uint64_t violation_count() const { return violation_count_; }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] std::uint64_t all_bytes() const { return all_bytes_; }  ///< since the start
  /// Bytes a second since the first byte; 0 as long as nobody can tell.
  [[nodiscard]] double rate(SteadyTime now) const;

 private:
  void note_gap(SteadyTime now);
  void note_starved(SteadyTime now);

  Options options_;
  Outcome outcome_ = Outcome::waiting;
  std::error_code error_;
  Counts counts_;
  FrameLedger ledger_;
  Histogram delay_;
  SteadyTime connecting_{};
  std::optional<SteadyTime> first_byte_;
  SteadyTime last_byte_{};
  std::optional<std::chrono::microseconds> startup_;
  std::uint64_t violation_count_ = 0;
  std::vector<std::string> violations_;
  std::uint64_t all_bytes_ = 0;
  std::optional<SteadyTime> media_until_;
};

}  // namespace sluice::load
