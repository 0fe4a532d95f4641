#include "stream/utc_map.hpp"

#include <algorithm>
#include <chrono>

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kStart = seconds(2);
constexpr auto kLongestStart = seconds(10);  // a source that is always faster than time is not waited for
constexpr auto kCalm = seconds(1);           // without progress, a burst at connect is over
constexpr auto kTolerated = seconds(5);
constexpr auto kProgress = milliseconds(100);
constexpr auto kCatchingUp = seconds(1);  // so much nearer to real time, after it was late
constexpr auto kBucket = seconds(10);
constexpr auto kPlausible = std::chrono::hours(24);

}  // namespace

void UtcMap::Trend::observe(Us sample, UtcTime arrival) {
  least = std::min(least, sample);
  if (sample < mark - kProgress) {
    mark = sample;
    fell = arrival;
  }
}

void UtcMap::observe(Ticks dts, UtcTime arrival, std::optional<UtcTime> stated) {
  if (stated && std::chrono::abs(*stated - arrival) > kPlausible) stated.reset();
  if (stated_ && !stated) return;
  newest_arrival_ = arrival;
  const Us sample = stated.value_or(arrival).time_since_epoch() - to_us(dts);
  if (stated && !stated_) {
    stated_ = true;
    buckets_ = {};
    if (!settled_) {
      offset_ = sample;
      settled_ = true;
    }
  }
  remember(sample, arrival);
  learn_start(sample, arrival);
  watch(sample, arrival);
}

void UtcMap::remember(Us sample, UtcTime arrival) {
  const std::int64_t index = arrival.time_since_epoch() / kBucket;
  Bucket& bucket = buckets_[static_cast<std::size_t>(index) % buckets_.size()];
  if (bucket.index != index) bucket = {.index = index, .least = sample};
  bucket.least = std::min(bucket.least, sample);
}

void UtcMap::learn_start(Us sample, UtcTime arrival) {
  if (!first_arrival_) {
    first_arrival_ = arrival;
    if (settled_) return;
    start_.emplace(sample, arrival);
  }
  if (!start_) return;
  start_->observe(sample, arrival);
  if (!settled_) {
    offset_ = start_->least;
    const auto passed = arrival - *first_arrival_;
    settled_ = (passed >= kStart && arrival - start_->fell >= kCalm) || passed >= kLongestStart;
  }
  if (settled_) start_.reset();
}

void UtcMap::watch(Us sample, UtcTime arrival) {
  if (start_) return;
  if (sample <= offset_ + kTolerated) {
    late_.reset();
    settled_ = true;
    return;
  }
  if (!late_) late_.emplace(sample, arrival);
  late_->observe(sample, arrival);
  if (settled_) return;
  if (wrong()) {
    correct();
  } else {
    settled_ = catching_up();
  }
}

bool UtcMap::catching_up() const { return late_ && !wrong() && late_->first - late_->least >= kCatchingUp; }

bool UtcMap::vouches_for(Ticks dts, UtcTime arrival) const {
  if (!settled_) return false;
  if (!late_) return true;
  // It was on time itself, or what came after it was nearer to real time.
  const Us sample = arrival.time_since_epoch() - to_us(dts);
  return sample <= offset_ + kTolerated || sample - late_->least >= kCatchingUp;
}

void UtcMap::begin_run() {
  if (wrong()) {
    correct();
  } else if (doubtful()) {
    settled_ = false;
  }
}

void UtcMap::correct() {
  offset_ = late_->least;
  late_.reset();
  buckets_ = {};
  remember(offset_, newest_arrival_);
  settled_ = true;
}

void UtcMap::slew(Ticks media) {
  if (!settled_ || late_) return;
  std::int64_t newest = -1;
  for (const Bucket& bucket : buckets_) newest = std::max(newest, bucket.index);
  std::optional<Us> truth;
  for (const Bucket& bucket : buckets_) {
    if (bucket.index < 0 || bucket.index <= newest - static_cast<std::int64_t>(buckets_.size())) continue;
    truth = truth ? std::min(*truth, bucket.least) : bucket.least;
  }
  if (!truth) return;
  const Us most = std::max(to_us(media), Us(0)) / 1000;
  offset_ += std::clamp(*truth - offset_, -most, most);
}

void UtcMap::keep_after(Ticks dts, UtcTime floor) {
  if (at(dts) < floor) offset_ += floor - at(dts);
}

}  // namespace sluice::stream
