#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/time.hpp"

namespace sluice::load {

/// What a publisher of ours writes into each video frame, so that a viewer can tell which frame it is and how long it
/// was on the way. It travels as an SEI message user_data_unregistered (ITU-T H.264 D.1.6), which servers pass on:
///
///     UUID 16 | run 4 | frame 8 | machine 8 | steady 8 | utc 8
struct Stamp {
  std::uint32_t run = 0;                ///< of the publisher, drawn by lot: frames are counted within a run
  std::uint64_t frame = 0;              ///< counts 1 up for every video frame, in decoding order
  std::uint64_t machine = 0;            ///< equal where the steady clocks are the same
  std::chrono::microseconds steady{0};  ///< when it was sent, by the machine's monotonic clock
  UtcTime utc{};                        ///< the same by the wall clock

  bool operator==(const Stamp&) const = default;

  /// A stamp of this moment on this machine.
  static Stamp now(std::uint32_t run, std::uint64_t frame);
};

/// How long ago `stamp` was made. By the monotonic clock on the machine that made it, elsewhere by wall clocks, whose
/// difference is then part of the answer.
std::chrono::microseconds age(const Stamp& stamp);

/// The SEI NAL unit that carries `stamp`, with emulation prevention, without length or start code.
Bytes write_stamp(const Stamp& stamp);

/// The stamp in an access unit (NAL units, each behind a 4-byte length), looked for before its first slice.
std::optional<Stamp> find_stamp(BytesView payload);

/// Where in an access unit the stamp's NAL unit belongs: before its first slice, behind parameter sets and other SEI.
std::size_t place_for_stamp(BytesView payload);

}  // namespace sluice::load
