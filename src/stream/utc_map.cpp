#include "stream/utc_map.hpp"

#include <algorithm>

namespace sluice::stream {
namespace {

using std::chrono::seconds;

constexpr auto kSettleTime = seconds(2);
constexpr auto kStretch = seconds(2);
constexpr auto kTolerated = seconds(5);
constexpr auto kBucket = seconds(10);

}  // namespace

void UtcMap::observe(Ticks dts, UtcTime arrival, std::optional<UtcTime> stated) {
  const Us sample = stated.value_or(arrival).time_since_epoch() - to_us(dts);
  settle_from(sample, arrival, stated.has_value());

  const std::int64_t index = arrival.time_since_epoch() / kBucket;
  Bucket& bucket = buckets_[static_cast<std::size_t>(index) % buckets_.size()];
  if (bucket.index != index) bucket = {.index = index, .least = sample};
  bucket.least = std::min(bucket.least, sample);

  watch(dts, arrival, sample);
}

void UtcMap::settle_from(Us sample, UtcTime arrival, bool stated) {
  if (!started_) {
    started_ = true;
    stated_ = stated;
    offset_ = sample;
    first_arrival_ = arrival;
    stretch_arrival_ = arrival;
    stretch_least_ = sample;
  }
  if (settled_) return;
  offset_ = stated_ ? offset_ : std::min(offset_, sample);
  settled_ = stated_ || arrival - first_arrival_ >= kSettleTime;
}

void UtcMap::watch(Ticks dts, UtcTime arrival, Us sample) {
  if (!settled_) return;
  if (sample < offset_ - kTolerated) wrong_ = sample;  // a frame from the future
  stretch_least_ = std::min(stretch_least_, sample);
  if (arrival - stretch_arrival_ < kStretch) return;
  // Late by the same amount for two seconds at the pace of real time: it is not catching up any more.
  const auto media = to_us(dts - stretch_dts_);
  if (stretch_least_ > offset_ + kTolerated && media * 2 <= (arrival - stretch_arrival_) * 3) wrong_ = stretch_least_;
  stretch_arrival_ = arrival;
  stretch_dts_ = dts;
  stretch_least_ = sample;
}

void UtcMap::slew(Ticks media) {
  if (!settled_) return;
  std::int64_t newest = -1;
  for (const Bucket& bucket : buckets_) newest = std::max(newest, bucket.index);
  std::optional<Us> truth;
  for (const Bucket& bucket : buckets_) {
    if (bucket.index <= newest - static_cast<std::int64_t>(buckets_.size())) continue;
    truth = truth ? std::min(*truth, bucket.least) : bucket.least;
  }
  if (!truth) return;
  const Us error = *truth - offset_;
  if (error > kTolerated) return;  // a late burst: it ends, or replacement() says so
  const Us most = std::max(to_us(media), Us(0)) / 1000;
  offset_ += std::clamp(error, -most, most);
}

std::optional<UtcMap> UtcMap::replacement() const {
  if (!wrong_) return {};
  UtcMap map;
  map.offset_ = *wrong_;
  map.started_ = true;
  map.settled_ = true;
  map.stated_ = stated_;
  map.stretch_arrival_ = stretch_arrival_;
  map.stretch_dts_ = stretch_dts_;
  map.stretch_least_ = *wrong_;
  return map;
}

void UtcMap::keep_after(Ticks dts, UtcTime floor) {
  if (at(dts) < floor) offset_ += floor - at(dts);
}

}  // namespace sluice::stream
