#pragma once

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/json_type.hpp"
#include "config/printer.hpp"

namespace sluice::config {

/// How a value of type V is written in a config file: once for reading, printing, messages and the reference.
template <class V>
struct Kind {
  std::string syntax;                                            ///< "SECONDS", "debug|info|error"
  std::string expected;                                          ///< "a number of seconds from 1 to 60"
  std::function<std::optional<V>(std::string_view text)> parse;  ///< nothing where `text` is no such value
  std::function<std::string(const V&)> print;                    ///< what `parse` reads back as the same value
  std::optional<V> bare = {};                                    ///< the value of `name;`, where that is allowed
  bool has_false = false;  ///< the word `false` is one of its values; else `name false;` sets the default again
  bool free_text = false;  ///< printed with quotes where it could be taken for a keyword
  JsonType json = JsonType::text();  ///< what it is in the API's JSON

  /// `value` as it stands in a file.
  [[nodiscard]] std::string spell(const V& value) const { return free_text ? as_word(print(value)) : print(value); }

  /// `value` as JSON, and back: nothing where that is no such value.
  [[nodiscard]] boost::json::value to_json(const V& value) const {
    if constexpr (std::integral<V> && !std::same_as<V, bool>) return value;
    return json_of(json, print(value));
  }
  [[nodiscard]] std::optional<V> from_json(const boost::json::value& value) const {
    const auto spelled = spelling_of(json, value);
    return spelled ? parse(*spelled) : std::nullopt;
  }
};

/// `name;`, `name true;` or `name false;`, with the older `on` and `off`.
Kind<bool> flag();

/// Any text of at most `max_bytes`.
Kind<std::string> text(std::string name = "TEXT", std::size_t max_bytes = 1024);

/// A URI or the beginning of one: the characters of RFC 3986 without blanks and delimiters.
Kind<std::string> uri();

/// Whole seconds, also as `90s`, `15m`, `20h`, `5d`, `2w`.
Kind<std::chrono::seconds> seconds(std::chrono::seconds least, std::chrono::seconds most);

/// As seconds(), or `false`, which is std::chrono::seconds::max(): never.
Kind<std::chrono::seconds> seconds_or_never(std::chrono::seconds least, std::chrono::seconds most);

/// Seconds with up to three decimals (`4`, `2.5`), for values that the API holds in milliseconds.
Kind<std::chrono::milliseconds> decimal_seconds(std::chrono::milliseconds least, std::chrono::milliseconds most);

/// A bare number of milliseconds.
Kind<std::chrono::milliseconds> milliseconds(std::chrono::milliseconds least, std::chrono::milliseconds most);

/// kbit/s: `1200`, `1200k`, `40M`; k and M are powers of 1000.
Kind<std::uint32_t> kbitrate(std::uint32_t least, std::uint32_t most);

/// Where to listen: `80`, `127.0.0.1:80`, `[::1]:80`.
struct ListenAddress {
  std::string address;  ///< IPv4 or IPv6 in digits, without brackets; empty: every address
  std::uint16_t port = 0;
  bool operator==(const ListenAddress&) const = default;
};
Kind<ListenAddress> listen_address();

/// A whole decimal number, nothing else in `text`.
template <std::integral I>
std::optional<I> parse_integer(std::string_view text) {
  I value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A decimal number with at most three decimals, times 1000: 2500 for "2.5".
std::optional<std::int64_t> parse_thousandths(std::string_view text);

/// "2.5" for 2500.
std::string print_thousandths(std::int64_t value);

template <std::integral I>
Kind<I> integer(I least, I most) {
  return {.syntax = std::to_string(least) + ".." + std::to_string(most),
          .expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
          .parse = [=](std::string_view text) -> std::optional<I> {
            const auto value = parse_integer<I>(text);
            return value && *value >= least && *value <= most ? value : std::nullopt;
          },
          .print = [](const I& value) { return std::to_string(value); },
          .json = JsonType::number(least, most)};
}

/// One of a few words. The first word for a value is the one that is printed.
template <class E>
Kind<E> one_of(std::vector<std::pair<std::string, E>> words) {
  std::string syntax;
  std::string expected = "one of";
  for (const auto& [word, value] : words) {
    syntax += (syntax.empty() ? "" : "|") + word;
    expected += " " + word;
  }
  JsonType json{.string = true};
  for (const auto& [word, value] : words) json.words.push_back(word);
  const auto print = [words](const E& value) {
    for (const auto& [word, known] : words) {
      if (known == value) return word;
    }
    return std::string();
  };
  const auto parse = [words](std::string_view text) -> std::optional<E> {
    for (const auto& [word, value] : words) {
      if (word == text) return value;
    }
    return std::nullopt;
  };
  return {.syntax = syntax, .expected = expected, .parse = parse, .print = print, .json = std::move(json)};
}

}  // namespace sluice::config
