#include "format/webvtt/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice::webvtt {
namespace {

// "HH:MM:SS.mmm"; hours may have more digits.
std::string timestamp(Ticks time) {
  const auto ms = rescale(time.count(), 1000, 90'000);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

// A cue's text as it may stand in a file: an empty line would end the cue, "-->" would make its line a cue's timing,
// and U+0000 may not occur (W3C WebVTT section 4.1).
std::string block(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '\r' || c == '\n') {
      if (!out.empty() && out.back() != '\n') out += '\n';
    } else if (c == '>' && out.ends_with("--")) {
      out += "&gt;";
    } else if (c == '\0') {
      out += "\xef\xbf\xbd";  // U+FFFD
    } else {
      out += c;
    }
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

// Settings stand on the line of the timing.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return out;
}

}  // namespace

Bytes write_segment(std::span<const Cue> cues, const TimestampMap& map) {
  constexpr std::int64_t kStampMask = (std::int64_t{1} << 33) - 1;
  std::string out =
      fmt::format("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{},LOCAL:00:00:00.000\n", map.mpegts.count() & kStampMask);
  for (const Cue& cue : cues) {
    const auto text = block(cue.text);
    if (text.empty() || cue.end <= map.origin || cue.end <= cue.start) continue;
    const auto start = std::max(cue.start - map.origin, Ticks{});
    fmt::format_to(std::back_inserter(out), "\n{} --> {}", timestamp(start), timestamp(cue.end - map.origin));
    if (!cue.settings.empty()) fmt::format_to(std::back_inserter(out), " {}", one_line(cue.settings));
    fmt::format_to(std::back_inserter(out), "\n{}\n", text);
  }
  const auto bytes = as_bytes(out);
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace sluice::webvtt
