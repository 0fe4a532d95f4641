#include "stream/targets.hpp"

#include <algorithm>
#include <numeric>

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Ticks ticks(milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

constexpr std::size_t kMostIntervals = 100;
constexpr auto kOthersReach = ticks(seconds(1));  // what the frames of other tracks may make of a part
constexpr auto kSlack = ticks(milliseconds(2));

/// Whole frames fill a part, with a margin for jitter above the 85 % that RFC 8216bis 4.4.4.9 asks for.
bool fills(Ticks part, Ticks interval) { return part / interval * interval * 100 >= part * 87; }

}  // namespace

void Targets::restart() {
  last_dts_.reset();
  last_keyframe_.reset();
  intervals_.clear();
  gops_ = 0;
  gop_ = longest_gop_ = Ticks(0);
}

void Targets::learn(Ticks dts, bool random_access) {
  if (!part_ && last_dts_ && dts > *last_dts_ && intervals_.size() < kMostIntervals) {
    intervals_.push_back(dts - *last_dts_);
  }
  last_dts_ = dts;
  if (!random_access) return;
  if (last_keyframe_) {
    ++gops_;
    gop_ = dts - *last_keyframe_;
    longest_gop_ = std::max(longest_gop_, gop_);
  }
  last_keyframe_ = dts;
}

/// The mean, because stamps in whole milliseconds are off by one; but of what is near the median, because frames get
/// lost.
Ticks Targets::typical_interval(Ticks guess) const {
  Ticks interval = guess;
  if (!intervals_.empty()) {
    auto sorted = intervals_;
    std::ranges::sort(sorted);
    const Ticks median = sorted[sorted.size() / 2];
    std::erase_if(sorted, [&](Ticks i) { return i < median / 2 || i > median * 3 / 2; });
    interval = std::accumulate(sorted.begin(), sorted.end(), Ticks(0)) / static_cast<std::int64_t>(sorted.size());
  }
  return std::clamp(interval, Ticks(90), ticks(segment_duration_));
}

void Targets::fix_part(Ticks guess, std::span<const Ticks> intervals) {
  if (part_) return;
  const Ticks interval = typical_interval(guess);
  const Ticks wanted = ticks(std::min(chunk_duration_, segment_duration_));
  const Ticks nominal = std::max<std::int64_t>((wanted + interval / 2) / interval, 1) * interval;
  const Ticks base = nominal + std::min(kSlack, nominal / 20);
  const Ticks most = std::min(std::max(3 * base, kOthersReach + kSlack), ticks(segment_duration_) + ticks(seconds(1)));
  part_ = base;
  for (Ticks part = base; part <= most; part += ticks(milliseconds(1))) {
    if (std::ranges::all_of(intervals, [&](Ticks other) { return fills(part, std::max(other, Ticks(1))); })) {
      part_ = part;
      return;
    }
  }
}

void Targets::fix_segment(Ticks longest) {
  if (segment_) return;
  const Ticks wanted = ticks(segment_duration_);
  Ticks segment = wanted;
  if (longest_gop_ > Ticks(0)) segment = (wanted + longest_gop_ - Ticks(1)) / longest_gop_ * longest_gop_;
  segment_ = std::chrono::round<seconds>(std::max(segment, longest)) + seconds(1);
}

}  // namespace sluice::stream
