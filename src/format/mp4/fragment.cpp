#include "format/mp4/fragment.hpp"

#include <limits>

#include "core/assert.hpp"
#include "format/mp4/fragment_boxes.hpp"

namespace sluice::mp4 {
namespace {

constexpr std::size_t kBoxHeader = 8;
constexpr std::size_t kRunAt = 100;  // what stands before the trun has the same size in every fragment

// Sample flags, ISO/IEC 14496-12 8.8.3.1.
constexpr std::uint32_t kDependsOnNone = 0x0200'0000;
constexpr std::uint32_t kDependsOnOthers = 0x0100'0000;
constexpr std::uint32_t kIsDependedOn = 0x00c0'0000;  // two bits, of which the value 2 is "not at all"
constexpr std::uint32_t kDisposable = 0x0080'0000;
constexpr std::uint32_t kNonSync = 0x0001'0000;

std::uint32_t flags_of(const Sample& sample) {
  return (sample.sync ? kDependsOnNone : kDependsOnOthers | kNonSync) | (sample.disposable ? kDisposable : 0);
}

// What the samples have in common, and what the run therefore has to say for each.
struct Plan {
  SampleDefaults defaults;
  TrackRun run;

  [[nodiscard]] std::size_t header_size() const {
    const std::size_t run_fields = 4 + 4 + 4 + ((run.flags & TrackRun::kFirstFlags) ? 4 : 0);
    return kRunAt + kBoxHeader + run_fields + run.sample_count * run.entry_size() + kBoxHeader;
  }
};

Plan plan_for(std::span<const Sample> samples) {
  SLUICE_ASSERT(!samples.empty() && samples.size() <= kMaxSamples, "a fragment has 1 to kMaxSamples samples");
  Plan plan;
  const Sample& first = samples.front();
  // The first sample of a video fragment is often the only random access point: then all others agree, and one field
  // of the run says it.
  plan.defaults = {first.duration, first.size, flags_of(samples.size() > 1 ? samples[1] : first)};
  std::uint32_t flags = TrackRun::kDataOffset;
  for (const Sample& sample : samples) {
    if (sample.duration != first.duration) flags |= TrackRun::kDurations;
    if (sample.size != first.size) flags |= TrackRun::kSizes;
    if (sample.composition_offset != 0) flags |= TrackRun::kCompositionOffsets;
    if (&sample != &first && flags_of(sample) != plan.defaults.flags) flags |= TrackRun::kFlags;
  }
  const bool first_differs = flags_of(first) != plan.defaults.flags;
  if (first_differs && !(flags & TrackRun::kFlags)) flags |= TrackRun::kFirstFlags;
  plan.run.flags = flags;
  plan.run.sample_count = static_cast<std::uint32_t>(samples.size());
  plan.run.first_flags = flags_of(first);
  plan.run.data_offset = static_cast<std::int32_t>(plan.header_size());
  return plan;
}

void write_run(ByteWriter& out, TrackRun run, std::span<const Sample> samples) {
  const BoxScope scope(out, TrackRun::kType);
  FieldsOut io(out);
  visit(run, io);
  if (run.entry_size() == 0) return;
  for (const Sample& sample : samples) {
    RunEntry entry{sample.duration, sample.size, flags_of(sample), sample.composition_offset};
    visit(entry, run.flags, io);
  }
}

constexpr std::uint32_t kMicrosecondsPerSecond = 1'000'000;

FragmentUtc futc_of(UtcTime utc) {
  const auto since = utc.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  SLUICE_ASSERT(seconds.count() >= 0 && seconds.count() <= std::numeric_limits<std::uint32_t>::max(),
                "the wall clock of a fragment lies between 1970 and 2106");
  return {static_cast<std::uint32_t>(seconds.count()), static_cast<std::uint32_t>((since - seconds).count())};
}

// Fills a Fragment from the boxes of one traf.
class TrackFragmentReader {
 public:
  // `moof_to_data` is the distance from the first byte of the moof to the first of `data`.
  TrackFragmentReader(BytesView data, std::size_t moof_to_data, Fragment& out)
      : data_(data), moof_to_data_(static_cast<std::int64_t>(moof_to_data)), out_(out) {}

  Result<void> read(BytesView traf, const Init* init) {
    const auto header = find_fields<TrackFragmentHeader>(traf);
    if (!header) return fail(header.error());
    if (header->flags & TrackFragmentHeader::kBaseDataOffset) return fail(Errc::unsupported);
    take_defaults(*header, init);
    out_.track_id = header->track_id;

    const auto time = find_fields<TrackFragmentDecodeTime>(traf);
    if (!time) return fail(time.error());
    // Half the range, so that no sum of durations leaves it.
    if (time->base_decode_time > std::numeric_limits<std::int64_t>::max() / 2) return fail(Errc::bad_value);
    decode_time_ = out_.base_decode_time = static_cast<std::int64_t>(time->base_decode_time);

    if (const auto utc = find_fields<FragmentUtc>(traf)) {
      if (utc->microseconds >= kMicrosecondsPerSecond) return fail(Errc::bad_value);
      out_.utc = UtcTime(std::chrono::seconds(utc->seconds) + std::chrono::microseconds(utc->microseconds));
    }
    return for_each_box(traf, [this](const BoxView& box) -> Result<void> {
      return box.type == TrackRun::kType ? read_run(box.body) : Result<void>{};
    });
  }

 private:
  void take_defaults(const TrackFragmentHeader& header, const Init* init) {
    const TrackInfo* track = init ? init->find(header.track_id) : nullptr;
    if (track) defaults_ = {track->defaults.duration, track->defaults.size, track->defaults.flags, 0};
    if (header.flags & TrackFragmentHeader::kDefaultDuration) defaults_.duration = header.default_duration;
    if (header.flags & TrackFragmentHeader::kDefaultSize) defaults_.size = header.default_size;
    if (header.flags & TrackFragmentHeader::kDefaultFlags) defaults_.flags = header.default_flags;
    duration_known_ = track || (header.flags & TrackFragmentHeader::kDefaultDuration);
    size_known_ = track || (header.flags & TrackFragmentHeader::kDefaultSize);
  }

  Result<void> read_run(BytesView body) {
    ByteReader in(body);
    const auto run = read_fields<TrackRun>(in);
    if (!run) return fail(run.error());
    // Without the init segment its defaults are not zero but unknown.
    if (!duration_known_ && !(run->flags & TrackRun::kDurations)) return fail(Errc::missing_box);
    if (!size_known_ && !(run->flags & TrackRun::kSizes)) return fail(Errc::missing_box);
    if (run->sample_count > kMaxSamples - out_.samples.size()) return fail(Errc::too_many);
    if (run->sample_count * run->entry_size() > in.left()) return fail(Errc::bad_box);
    if (run->flags & TrackRun::kDataOffset) at_ = run->data_offset - moof_to_data_;

    out_.samples.reserve(out_.samples.size() + run->sample_count);
    FieldsIn io(in);
    for (std::uint32_t i = 0; i < run->sample_count; ++i) {
      RunEntry entry = defaults_;
      if (i == 0 && (run->flags & TrackRun::kFirstFlags)) entry.flags = run->first_flags;
      visit(entry, run->flags, io);
      if (auto taken = take_sample(entry); !taken) return taken;
    }
    return {};
  }

  Result<void> take_sample(const RunEntry& entry) {
    const auto end = static_cast<std::int64_t>(data_.size());
    if (at_ < 0 || at_ > end || entry.size > end - at_) return fail(Errc::bad_value);
    const Sample sample{.duration = entry.duration,
                        .size = entry.size,
                        .composition_offset = entry.composition_offset,
                        .sync = !(entry.flags & kNonSync),
                        .disposable = (entry.flags & kIsDependedOn) == kDisposable};
    out_.samples.push_back({sample, decode_time_, data_.subspan(static_cast<std::size_t>(at_), entry.size)});
    at_ += entry.size;
    decode_time_ += entry.duration;
    return {};
  }

  BytesView data_;
  std::int64_t moof_to_data_;
  Fragment& out_;
  RunEntry defaults_;
  bool duration_known_ = false;
  bool size_known_ = false;
  std::int64_t at_ = -1;  // in data_; before the first data_offset nowhere, as the moof's own bytes are no samples
  std::int64_t decode_time_ = 0;
};

// The one traf of a moof.
Result<BytesView> only_track(BytesView moof) {
  std::optional<BytesView> found;
  auto read = for_each_box(moof, [&found](const BoxView& box) -> Result<void> {
    if (box.type != fourcc("traf")) return {};
    if (found) return fail(Errc::unsupported);
    found = box.body;
    return {};
  });
  if (!read) return fail(read.error());
  if (!found) return fail(Errc::missing_box);
  return *found;
}

}  // namespace

std::size_t fragment_header_size(std::span<const Sample> samples) { return plan_for(samples).header_size(); }

void write_fragment_header(ByteWriter& out, const FragmentHeader& header, std::span<const Sample> samples) {
  SLUICE_ASSERT(header.base_decode_time >= 0, "a track's decode times begin at 0");
  const Plan plan = plan_for(samples);
  const auto begin = out.size();
  {
    const BoxScope moof(out, fourcc("moof"));
    write_box(out, MovieFragmentHeader{header.sequence_number});
    const BoxScope traf(out, fourcc("traf"));
    using Header = TrackFragmentHeader;
    write_box(out, Header{.flags = Header::kDefaultBaseIsMoof | Header::kDefaultDuration | Header::kDefaultSize |
                                   Header::kDefaultFlags,
                          .track_id = header.track_id,
                          .default_duration = plan.defaults.duration,
                          .default_size = plan.defaults.size,
                          .default_flags = plan.defaults.flags});
    write_box(out, TrackFragmentDecodeTime{.base_decode_time = static_cast<std::uint64_t>(header.base_decode_time)});
    write_box(out, futc_of(header.utc));
    SLUICE_ASSERT(out.size() - begin == kRunAt, "players read the fields before the trun at fixed places");
    write_run(out, plan.run, samples);
  }
  std::uint64_t payload = 0;
  for (const Sample& sample : samples) payload += sample.size;
  SLUICE_ASSERT(payload + kBoxHeader <= std::numeric_limits<std::uint32_t>::max(), "an mdat is less than 4 GiB");
  out.be32(payload + kBoxHeader);
  out.be32(fourcc("mdat"));
  SLUICE_ASSERT(out.size() - begin == plan.header_size(), "the data offset is the header's size");
}

Result<Fragment> read_fragment(BytesView in, const Init* init) {
  const auto moof = seek_box(in, 0, fourcc("moof"), Errc::no_fragment);
  if (!moof) return fail(moof.error());
  const auto mdat = seek_box(in, moof->at + moof->box.size, fourcc("mdat"), Errc::truncated);
  if (!mdat) return fail(mdat.error());
  const auto header = find_fields<MovieFragmentHeader>(moof->box.body);
  if (!header) return fail(header.error());
  const auto traf = only_track(moof->box.body);
  if (!traf) return fail(traf.error());

  Fragment fragment;
  fragment.sequence_number = header->sequence_number;
  fragment.size = mdat->at + mdat->box.size;
  const auto data_at = fragment.size - mdat->box.body.size();
  TrackFragmentReader reader(mdat->box.body, data_at - moof->at, fragment);
  if (auto read = reader.read(*traf, init); !read) return fail(read.error());
  return fragment;
}

}  // namespace sluice::mp4
