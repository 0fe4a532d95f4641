#pragma once

#include <string>
#include <string_view>

#include "core/time.hpp"

namespace sluice::webvtt {

/// One text on the screen, and when.
struct Cue {
  Ticks start{};
  Ticks end{};
  std::string text;      ///< WebVTT cue text: UTF-8, may hold tags (`<i>`) and escapes (`&amp;`), lines end with \n
  std::string settings;  ///< WebVTT cue settings, "line:90% align:center"; empty for the player's own choice

  friend bool operator==(const Cue&, const Cue&) = default;
};

/// Cue text that shows `plain` as it is: `&`, `<` and `>` become escapes.
std::string escape(std::string_view plain);

}  // namespace sluice::webvtt
