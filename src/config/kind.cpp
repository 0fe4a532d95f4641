#include "config/kind.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>

namespace sluice::config {
namespace {

struct Suffix {
  char letter;
  std::int64_t factor;
};
constexpr Suffix kTimeSuffixes[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}, {'w', 604'800}};
constexpr Suffix kKbitSuffixes[] = {{'k', 1}, {'M', 1000}};

/// "20h": a whole number, then at most one of the suffixes.
std::optional<std::int64_t> parse_scaled(std::string_view text, std::span<const Suffix> suffixes) {
  std::int64_t factor = 1;
  if (!text.empty()) {
    const auto suffix = std::ranges::find(suffixes, text.back(), &Suffix::letter);
    if (suffix != suffixes.end()) {
      factor = suffix->factor;
      text.remove_suffix(1);
    }
  }
  const auto number = parse_integer<std::int64_t>(text);
  std::int64_t value = 0;
  if (!number || *number < 0 || __builtin_mul_overflow(*number, factor, &value)) return std::nullopt;
  return value;
}

bool is_uri_character(char c) {
  constexpr std::string_view kRefused = " \"<>\\^`{|}";
  return c > 0x20 && c < 0x7f && kRefused.find(c) == std::string_view::npos;
}

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  ListenAddress out;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    int family = AF_INET;
    if (host.starts_with('[') && host.ends_with(']')) {
      family = AF_INET6;
      host = host.substr(1, host.size() - 2);
    }
    out.address = host;
    in6_addr binary;  // large enough for both families
    if (inet_pton(family, out.address.c_str(), &binary) != 1) return std::nullopt;
    text.remove_prefix(colon + 1);
  }
  const auto port = parse_integer<std::uint16_t>(text);
  if (!port || *port == 0) return std::nullopt;
  out.port = *port;
  return out;
}

std::string print_listen_address(const ListenAddress& value) {
  if (value.address.empty()) return std::to_string(value.port);
  const bool ipv6 = value.address.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(ipv6 ? "[{}]:{}" : "{}:{}"), value.address, value.port);
}

Kind<std::chrono::seconds> seconds_kind(std::chrono::seconds least, std::chrono::seconds most, bool or_never) {
  auto json = JsonType::number(least.count(), most.count(), "seconds");
  if (or_never) json.booleans = {false};
  return {.syntax = or_never ? "SECONDS|false" : "SECONDS",
          .expected = fmt::format("a number of seconds from {} to {} (or 20m, 12h, 5d){}", least.count(), most.count(),
                                  or_never ? ", or false" : ""),
          .parse = [=](std::string_view word) -> std::optional<std::chrono::seconds> {
            if (or_never && word == "false") return std::chrono::seconds::max();
            const auto value = parse_scaled(word, kTimeSuffixes);
            if (!value || *value < least.count() || *value > most.count()) return std::nullopt;
            return std::chrono::seconds(*value);
          },
          .print =
              [=](const std::chrono::seconds& value) {
                return or_never && value == std::chrono::seconds::max() ? std::string("false")
                                                                        : std::to_string(value.count());
              },
          .has_false = or_never,
          .json = std::move(json)};
}

}  // namespace

std::optional<std::int64_t> parse_thousandths(std::string_view text) {
  if (text.starts_with('-')) return std::nullopt;  // also "-0.5", whose whole part is not below 0
  const auto point = text.find('.');
  const auto whole = parse_integer<std::int64_t>(text.substr(0, point));
  if (!whole || *whole < 0 || *whole > 1'000'000'000) return std::nullopt;
  std::int64_t thousandths = 0;
  if (point != std::string_view::npos) {
    std::string digits(text.substr(point + 1));
    const bool all_digits = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (digits.empty() || digits.size() > 3 || !all_digits) return std::nullopt;
    digits.resize(3, '0');
    thousandths = *parse_integer<std::int64_t>(digits);
  }
  return *whole * 1000 + thousandths;
}

std::string print_thousandths(std::int64_t value) {
  if (value % 1000 == 0) return std::to_string(value / 1000);
  const auto sign = value < 0 ? "-" : "";
  std::string out = fmt::format("{}{}.{:03}", sign, std::abs(value / 1000), std::abs(value % 1000));
  out.erase(out.find_last_not_of('0') + 1);
  return out;
}

Kind<bool> flag() {
  return {.syntax = "[true|false]",
          .expected = "true or false",
          .parse = [](std::string_view word) -> std::optional<bool> {
            if (word == "true" || word == "on") return true;
            if (word == "false" || word == "off") return false;
            return std::nullopt;
          },
          .print = [](const bool& value) { return std::string(value ? "true" : "false"); },
          .bare = true,
          .has_false = true,
          .json = JsonType::flag()};
}

Kind<std::string> text(std::string name, std::size_t max_bytes) {
  return {.syntax = std::move(name),
          .expected = fmt::format("a text of at most {} bytes", max_bytes),
          .parse = [=](std::string_view word) -> std::optional<std::string> {
            if (word.size() > max_bytes) return std::nullopt;
            return std::string(word);
          },
          .print = [](const std::string& value) { return value; },
          .free_text = true};
}

Kind<std::string> uri() {
  constexpr std::size_t kMaxBytes = 2048;
  return {.syntax = "URL",
          .expected = "a URL without blanks and quotes",
          .parse = [=](std::string_view word) -> std::optional<std::string> {
            if (word.empty() || word.size() > kMaxBytes || !std::ranges::all_of(word, is_uri_character))
              return std::nullopt;
            return std::string(word);
          },
          .print = [](const std::string& value) { return value; },
          .free_text = true};
}

Kind<std::chrono::seconds> seconds(std::chrono::seconds least, std::chrono::seconds most) {
  return seconds_kind(least, most, false);
}

Kind<std::chrono::seconds> seconds_or_never(std::chrono::seconds least, std::chrono::seconds most) {
  return seconds_kind(least, most, true);
}

Kind<std::chrono::milliseconds> decimal_seconds(std::chrono::milliseconds least, std::chrono::milliseconds most) {
  auto json = JsonType::number(least.count(), most.count(), "milliseconds");
  json.thousandths = true;
  return {.syntax = fmt::format("SECONDS, {}..{}", print_thousandths(least.count()), print_thousandths(most.count())),
          .expected = fmt::format("a number of seconds from {} to {}, like 4 or 2.5", print_thousandths(least.count()),
                                  print_thousandths(most.count())),
          .parse = [=](std::string_view word) -> std::optional<std::chrono::milliseconds> {
            const auto value = parse_thousandths(word);
            if (!value || *value < least.count() || *value > most.count()) return std::nullopt;
            return std::chrono::milliseconds(*value);
          },
          .print = [](const std::chrono::milliseconds& value) { return print_thousandths(value.count()); },
          .json = std::move(json)};
}

Kind<std::chrono::milliseconds> milliseconds(std::chrono::milliseconds least, std::chrono::milliseconds most) {
  return {.syntax = fmt::format("MILLISECONDS, {}..{}", least.count(), most.count()),
          .expected = fmt::format("a number of milliseconds from {} to {}", least.count(), most.count()),
          .parse = [=](std::string_view word) -> std::optional<std::chrono::milliseconds> {
            const auto value = parse_integer<std::int64_t>(word);
            if (!value || *value < least.count() || *value > most.count()) return std::nullopt;
            return std::chrono::milliseconds(*value);
          },
          .print = [](const std::chrono::milliseconds& value) { return std::to_string(value.count()); },
          .json = JsonType::number(least.count(), most.count(), "milliseconds")};
}

Kind<std::uint32_t> kbitrate(std::uint32_t least, std::uint32_t most) {
  return {.syntax = fmt::format("KBIT/S, {}..{}", least, most),
          .expected = fmt::format("kbit/s from {} to {}, like 1200, 1200k or 4M", least, most),
          .parse = [=](std::string_view word) -> std::optional<std::uint32_t> {
            const auto value = parse_scaled(word, kKbitSuffixes);
            if (!value || *value < least || *value > most) return std::nullopt;
            return static_cast<std::uint32_t>(*value);
          },
          .print = [](const std::uint32_t& value) { return std::to_string(value); },
          .json = JsonType::number(least, most, "kbit/s")};
}

Kind<ListenAddress> listen_address() {
  return {.syntax = "[ADDRESS:]PORT",
          .expected = "a port, or an address and a port, like 80, 127.0.0.1:80 or [::1]:80",
          .parse = parse_listen_address,
          .print = print_listen_address};
}

}  // namespace sluice::config
