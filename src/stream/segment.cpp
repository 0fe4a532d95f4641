#include "stream/segment.hpp"

#include <fmt/format.h>

namespace sluice::stream {
namespace {

void add(Body& body, const std::array<Range, 2>& ranges) {
  for (const Range& range : ranges) {
    if (range.length == 0) continue;
    // Parts lie one behind the other in the store: one range for a whole segment, but where its log wraps.
    Range* last = body.ranges.empty() ? nullptr : &body.ranges.back();
    if (last != nullptr && last->fd == range.fd && last->offset + last->length == range.offset) {
      last->length += range.length;
    } else {
      body.ranges.push_back(range);
    }
  }
}

}  // namespace

std::uint64_t least_rate(std::size_t bytes, Ticks duration) {
  constexpr std::int64_t kShare = 4;
  if (duration <= Ticks(0)) return 0;
  return static_cast<std::uint64_t>(
      rescale(static_cast<std::int64_t>(bytes), Ticks::period::den, duration.count() * kShare));
}

std::string Segment::start_name() const {
  const auto second = std::chrono::floor<std::chrono::seconds>(utc);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  return fmt::format("{:04}/{:02}/{:02}/{:02}/{:02}/{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::string Segment::name() const { return fmt::format("{}-{:05}", start_name(), name_ms); }

Body Segment::body(std::span<const std::uint32_t> track_indexes) const {
  Body out{.ranges = {}, .lease = lease, .recall = recall};
  for (const auto track : track_indexes) {
    for (const Part& part : tracks[track].parts) add(out, part.ranges);
  }
  out.least_rate = least_rate(out.size(), duration);
  return out;
}

Body Segment::part_body(std::uint32_t track, std::size_t part) const {
  const Part& bytes = tracks[track].parts[part];
  Body out{.ranges = {}, .lease = lease, .recall = recall, .least_rate = least_rate(bytes.size(), bytes.duration)};
  add(out, bytes.ranges);
  return out;
}

}  // namespace sluice::stream
