#include "load/media_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "format/mp4/errc.hpp"
#include "format/mp4/fragment.hpp"

namespace sluice::load {
namespace {

using m3u8::Duration;
using m3u8::Rule;

/// Durations are written in milliseconds, and summed over parts.
constexpr Duration kRounding{5'000};

/// A picture that comes later than the one before it promised, whose part was closed by then, leaves a hole. Players
/// play over so little.
constexpr Duration kHole{100'000};

bool off(Duration a, Duration b) { return std::chrono::abs(a - b) > kRounding; }

double in_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

MediaCheck::Violations MediaCheck::init(BytesView bytes) {
  init_ = {};
  expected_.clear();
  if (bytes.empty()) return {};
  auto init = mp4::read_init(bytes);
  if (!init) return {{.rule = Rule::media_readable, .what = "init segment: " + init.error().message()}};
  init_ = std::move(*init);
  return {};
}

MediaCheck::Violations MediaCheck::part(std::uint64_t msn, const m3u8::Part& listed, BytesView bytes) {
  if (msn != of_ || part_count_ == 0) parts_.clear();
  part_count_ = msn == of_ ? part_count_ + 1 : 1;
  of_ = msn;
  if (listed.gap) {
    discontinuity();
    return {};
  }
  parts_.insert(parts_.end(), bytes.begin(), bytes.end());
  return media("part " + listed.uri, msn, listed.duration, bytes);
}

MediaCheck::Violations MediaCheck::segment(std::uint64_t msn, const m3u8::Segment& listed, BytesView bytes) {
  const bool has_parts = of_ == msn && part_count_ > 0;
  if (!has_parts) return media("segment", msn, listed.duration, bytes);
  const bool all = part_count_ == listed.parts.size();
  part_count_ = 0;
  if (!all || std::ranges::equal(bytes, parts_)) return {};
  return {{.rule = Rule::parts_make_segment,
           .what = fmt::format("segment {} has {} bytes, other than the {} of its parts", msn, bytes.size(),
                               parts_.size())}};
}

MediaCheck::Violations MediaCheck::media(std::string_view what, std::uint64_t msn, Duration listed, BytesView bytes) {
  if (init_.tracks.empty()) return {};
  Violations out;
  std::map<std::uint32_t, Duration> lasts;  // by track
  while (!bytes.empty()) {
    const auto fragment = mp4::read_fragment(bytes, &init_);
    if (!fragment && fragment.error() == mp4::Errc::no_fragment) break;
    const auto* track = fragment ? init_.find(fragment->track_id) : nullptr;
    if (track == nullptr) {
      const auto why = fragment ? "a track that the init segment has not" : fragment.error().message();
      out.push_back({.rule = Rule::media_readable, .what = fmt::format("{} of segment {}: {}", what, msn, why)});
      return out;
    }
    const auto us = [&](std::int64_t units) { return Duration(units * 1'000'000 / track->timescale); };
    const auto expected = expected_.find(track->id);
    const std::int64_t begins = fragment->base_decode_time;
    const auto hole = expected == expected_.end() ? Duration() : us(begins) - us(expected->second);
    if (hole > kHole || hole < -kRounding) {
      out.push_back({.rule = Rule::media_continuous,
                     .what = fmt::format("{} of segment {} begins {:.3f} s behind the end of what was before", what,
                                         msn, in_seconds(hole))});
    }
    std::int64_t length = 0;
    for (const auto& read : fragment->samples) length += read.sample.duration;
    expected_[track->id] = begins + length;
    lasts[track->id] += us(length);
    bytes = bytes.subspan(fragment->size);
  }
  // Tracks that lie together do not break off at one moment: the longest fits.
  const auto longest = std::ranges::max_element(lasts, {}, [](const auto& entry) { return entry.second; });
  const Duration length = longest == lasts.end() ? Duration() : longest->second;
  const bool together = lasts.size() > 1;
  if (!together && off(length, listed)) {
    out.push_back({.rule = Rule::duration_is_media,
                   .what = fmt::format("{} of segment {} lasts {:.3f} s, listed are {:.3f}", what, msn,
                                       in_seconds(length), in_seconds(listed))});
  }
  return out;
}

}  // namespace sluice::load
