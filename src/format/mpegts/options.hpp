#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "core/time.hpp"

namespace sluice::mpegts {

/// What an operator may say about the program that tracks become.
struct MuxerOptions {
  /// PIDs by name: "pmt", "sdt", "pcr", a track's id ("v1"), or a base for all tracks of a content ("a0": a1 gets the
  /// base + 1). What is missing, out of 0x20 to 0x1ffe or taken already gets the next free PID of the defaults: PMT
  /// 0x1000, video from 0x101, audio from 0x111, text from 0x121, data from 0x131. Without "pcr" the clock rides on the
  /// first video track, or the first audio track; with a PID that no track has it gets packets of its own.
  std::map<std::string, std::uint16_t, std::less<>> pids;
  std::string title;     ///< service_name of the SDT, UTF-8; no SDT where title and provider are empty
  std::string provider;  ///< service_provider_name of the SDT, UTF-8
  std::uint16_t program = 1;
};

/// The PCR that goes with a frame is its dts on the timeline, and its DTS and PTS are this much later: the time that a
/// receiver has to take a frame in before it decodes it, and by which tracks may be out of step with each other.
/// All modulo 2^33. What else is stamped for the same player (X-TIMESTAMP-MAP of WebVTT) adds it too.
inline constexpr Ticks kDecodeDelay{63'000};

}  // namespace sluice::mpegts
