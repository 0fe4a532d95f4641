#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "config/schema.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// The longest timeout that can be configured, beside kNever.
inline constexpr std::chrono::seconds kLongestTimeout = std::chrono::hours(24 * 365);

/// One scheme of `input`, as the config sees it. The protocols say their own rows; this room only knows the form.
struct InputScheme {
  std::string name;  ///< "fake", without "://"
  std::string doc;   ///< one sentence
  config::Support support = config::Support::not_yet;

  std::string form;                                     ///< "fake://fake", for messages and the reference
  bool (*accepts)(std::string_view address) = nullptr;  ///< of what stands between "://" and '?'
  bool query_options = false;                           ///< options may also stand in the URL's query
  config::Schema<InputOptions> options{"", "option", ""};
};

/// A row for an option of a scheme; `initial` is its default, empty where it has none.
template <class V>
config::Row<InputOptions> option(std::string name, config::Kind<V> kind, std::string initial, std::string doc) {
  config::Kind<std::string> canonical{.syntax = kind.syntax,
                                      .expected = kind.expected,
                                      .parse = [kind](std::string_view text) -> std::optional<std::string> {
                                        const auto value = kind.parse(text);
                                        if (!value) return std::nullopt;
                                        return kind.print(*value);
                                      },
                                      .print = [](const std::string& value) { return value; },
                                      .has_false = kind.has_false,
                                      .free_text = kind.free_text,
                                      .json = kind.json};
  if (kind.bare) canonical.bare = kind.print(*kind.bare);
  const auto get = [name](const InputOptions& from) -> std::optional<std::string> {
    const auto found = from.find(name);
    if (found == from.end()) return std::nullopt;
    return found->second;
  };
  const auto set = [name](InputOptions& to, std::optional<std::string> value) {
    if (value) {
      to[name] = *std::move(value);
    } else {
      to.erase(name);
    }
  };
  auto given = initial.empty() ? std::nullopt : std::optional(std::move(initial));
  return config::value_row<InputOptions, std::string>({.name = name, .doc = std::move(doc)}, std::move(canonical),
                                                      std::move(given), get, set);
}

/// The directive `input` of a stream. `schemes` is every scheme that it knows of.
config::Row<StreamConfig> input_row(std::span<const InputScheme> schemes);

}  // namespace sluice::stream
