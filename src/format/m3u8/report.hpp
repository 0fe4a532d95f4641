#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "format/m3u8/rules.hpp"
#include "format/m3u8/values.hpp"

namespace sluice::m3u8 {

/// Collects the rules that one answer breaks.
class Report {
 public:
  template <class... Args>
  void add(Rule rule, fmt::format_string<Args...> what, Args&&... args) {
    violations_.push_back({.rule = rule, .what = fmt::format(what, std::forward<Args>(args)...)});
  }

  std::vector<Violation> take() { return std::exchange(violations_, {}); }

 private:
  std::vector<Violation> violations_;
};

/// A duration as playlists write it, for messages.
inline std::string text_of(Duration duration) {
  const bool negative = duration.count() < 0;
  std::string out = negative ? "-" : "";
  append_seconds(out, negative ? -duration : duration);
  return out;
}

inline std::string text_of(UtcTime time) {
  std::string out;
  append_date_time(out, time);
  return out;
}

}  // namespace sluice::m3u8
