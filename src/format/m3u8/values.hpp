#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "format/m3u8/media_playlist.hpp"

namespace sluice::m3u8 {

/// The attribute types of RFC 8216bis section 4.2, each as strict as its definition there. Nothing where the text is
/// not just such a value.

/// decimal-integer: 1 to 20 digits, below 2^64.
std::optional<std::uint64_t> parse_integer(std::string_view text);

/// decimal-floating-point in seconds, below 10^7 (so that the sum of a playlist fits), rounded to microseconds.
std::optional<Duration> parse_seconds(std::string_view text);

/// decimal-floating-point without a unit.
std::optional<double> parse_decimal(std::string_view text);

/// date-time-msec of EXT-X-PROGRAM-DATE-TIME: ISO 8601 with 'T'; without a zone it is UTC.
std::optional<UtcTime> parse_date_time(std::string_view text);

/// Seconds with three decimals, rounded to nearest: "6.006".
void append_milliseconds(std::string& out, Duration duration);

/// Seconds with as many decimals as they need, at least three and at most six: "0.200", "0.33367".
void append_seconds(std::string& out, Duration duration);

/// "2026-08-14T08:53:04.003Z", rounded to the nearest millisecond.
void append_date_time(std::string& out, UtcTime time);

/// How many bytes the character at the front of `text` has, where section 4.1 allows it in a playlist: UTF-8 and no
/// control character. 0 where it does not. REQUIRES: text is not empty.
std::size_t character_length(std::string_view text);

/// `text` between double quotes. What a playlist or a quoted-string may not hold, and what would begin a variable
/// reference, becomes a harmless character: names and titles come from the source.
void append_quoted(std::string& out, std::string_view text);

}  // namespace sluice::m3u8
