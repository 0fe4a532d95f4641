#include "format/m3u8/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>

namespace sluice::m3u8 {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// The parts of a decimal number before and after its point. Nothing where it is none.
struct Decimal {
  std::string_view whole;
  std::string_view fraction;
};
std::optional<Decimal> split_decimal(std::string_view text) {
  const auto point = text.find('.');
  const Decimal parts{text.substr(0, point), point == text.npos ? std::string_view() : text.substr(point + 1)};
  if (!all_digits(parts.whole) || (point != text.npos && !all_digits(parts.fraction))) return std::nullopt;
  return parts;
}

/// A decimal fraction in microseconds, rounded at its seventh digit.
std::int64_t fraction_us(std::string_view digits) {
  std::int64_t us = 0;
  for (std::size_t i = 0; i < 6; ++i) us = us * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return us + (digits.size() > 6 && digits[6] >= '5' ? 1 : 0);
}

/// Takes fixed-width fields from the front of a date. Sticky like ByteReader.
class DateFields {
 public:
  explicit DateFields(std::string_view text) : text_(text) {}

  int number(std::size_t digits) {
    const auto field = take(digits);
    int value = 0;
    for (const char c : field) {
      if (!is_digit(c)) ok_ = false;
      value = value * 10 + (c - '0');
    }
    return ok_ ? value : 0;
  }
  void literal(char c) {
    if (take(1) != std::string_view(&c, 1)) ok_ = false;
  }
  bool accept(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view digits() {
    const auto end = std::ranges::find_if_not(text_, is_digit);
    const auto found = text_.substr(0, static_cast<std::size_t>(end - text_.begin()));
    if (found.empty()) ok_ = false;
    text_.remove_prefix(found.size());
    return found;
  }
  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view take(std::size_t n) {
    if (n > text_.size()) {
      ok_ = false;
      text_ = {};
      return {};
    }
    const auto taken = text_.substr(0, n);
    text_.remove_prefix(n);
    return taken;
  }

  std::string_view text_;
  bool ok_ = true;
};

/// The offset from UTC at the end of a date: "Z", "+08:00", "+0800", "+08" or nothing.
std::chrono::minutes zone_offset(DateFields& fields) {
  if (fields.accept('Z')) return {};
  const bool east = fields.accept('+');
  if (!east && !fields.accept('-')) return {};
  std::chrono::minutes offset = std::chrono::hours(fields.number(2));
  if (!fields.at_end()) {
    fields.accept(':');
    offset += std::chrono::minutes(fields.number(2));
  }
  return east ? offset : -offset;
}

}  // namespace

std::optional<std::uint64_t> parse_integer(std::string_view text) {
  std::uint64_t value = 0;
  if (!all_digits(text)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Duration> parse_seconds(std::string_view text) {
  const auto parts = split_decimal(text);
  if (!parts) return std::nullopt;
  const auto whole = parse_integer(parts->whole);
  if (!whole || *whole >= 10'000'000) return std::nullopt;
  return std::chrono::seconds(*whole) + Duration(fraction_us(parts->fraction));
}

std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  if (!split_decimal(text)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<UtcTime> parse_date_time(std::string_view text) {
  using namespace std::chrono;
  DateFields fields(text);
  const int year_number = fields.number(4);
  fields.literal('-');
  const int month_number = fields.number(2);
  fields.literal('-');
  const int day_number = fields.number(2);
  fields.literal('T');
  const int hour = fields.number(2);
  fields.literal(':');
  const int minute = fields.number(2);
  fields.literal(':');
  const int second = fields.number(2);
  const Duration fraction(fields.accept('.') ? fraction_us(fields.digits()) : 0);
  const minutes offset = zone_offset(fields);

  const year_month_day date(year(year_number), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number)));
  if (!fields.ok() || !fields.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return UtcTime(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) + fraction - offset;
}

void append_milliseconds(std::string& out, Duration duration) {
  const std::int64_t ms = (duration.count() + 500) / 1000;
  fmt::format_to(std::back_inserter(out), "{}.{:03}", ms / 1000, ms % 1000);
}

void append_seconds(std::string& out, Duration duration) {
  fmt::format_to(std::back_inserter(out), "{}.{:06}", duration.count() / 1'000'000, duration.count() % 1'000'000);
  for (int i = 0; i < 3 && out.back() == '0'; ++i) out.pop_back();
}

void append_date_time(std::string& out, UtcTime time) {
  using namespace std::chrono;
  const auto rounded = floor<milliseconds>(time + microseconds(500));
  const auto midnight = floor<days>(rounded);
  const year_month_day date(midnight);
  const hh_mm_ss clock(rounded - midnight);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()),
                 unsigned(date.month()), unsigned(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count(), clock.subseconds().count());
}

std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  // RFC 3629: lead bytes C2..F4, a code point in its shortest form, no surrogates, at most U+10FFFF.
  const std::size_t length = first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : first <= 0xf4 ? 4 : 0;
  if (first < 0xc2 || length == 0 || length > text.size()) return 0;
  std::uint32_t code = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return 0;
    code = code << 6 | (next & 0x3fu);
  }
  constexpr std::uint32_t kLeast[] = {0xa0, 0x800, 0x10000};  // 0x80..0x9f are control characters
  if (code < kLeast[length - 2] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
  return length;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto length = character_length(text);
    const auto character = text.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0) {
      out += ' ';
    } else if (character == "\"") {
      out += '\'';
    } else if (text.starts_with("{$")) {
      out += '(';
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  out += '"';
}

}  // namespace sluice::m3u8
