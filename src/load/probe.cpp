#include "load/probe.hpp"

#include "core/assert.hpp"
#include "format/mp4/errc.hpp"
#include "format/mp4/fragment.hpp"

namespace sluice::load {
namespace {

constexpr std::byte kTsSync{0x47};

void tell(Viewer& viewer, const media::Tracks& tracks, const media::Frame& frame) {
  if (frame.track >= tracks.size()) return;
  switch (tracks[frame.track].content()) {
    case media::Content::video: viewer.on_video(frame.payload.view(), frame.random_access); break;
    case media::Content::audio: viewer.on_audio(); break;
    default: break;
  }
}

class FlvProbe final : public FlowProbe {
 public:
  explicit FlvProbe(Viewer& viewer) : messages_(viewer) {}

  Result<void> take(BytesView bytes) override {
    for (;;) {
      const auto message = file_.next(bytes);
      if (!message) return fail(message.error());
      if (!*message) return {};
      if (auto ok = messages_.take(**message); !ok) return ok;
    }
  }
  void finish() override {}

 private:
  flv::FileReader file_;
  MessageProbe messages_;
};

class TsProbe final : public FlowProbe {
 public:
  explicit TsProbe(Viewer& viewer) : viewer_(&viewer) {}

  Result<void> take(BytesView bytes) override {
    demuxer_.push(bytes);
    drain();
    return {};
  }
  void finish() override {
    demuxer_.finish();
    drain();
  }

 private:
  void drain() {
    while (auto event = demuxer_.next()) {
      if (auto* tracks = std::get_if<media::Tracks>(&*event)) {
        tracks_ = std::move(*tracks);
      } else {
        tell(*viewer_, tracks_, std::get<media::Frame>(*event));
      }
    }
    const auto& c = demuxer_.counters();
    const auto damage = c.continuity_errors + c.resyncs + c.bad_sections + c.bad_packets + c.bad_frames;
    viewer_->on_damage(damage - damage_);
    damage_ = damage;
  }

  Viewer* viewer_;  // borrowed (outlives this)
  mpegts::Demuxer demuxer_;
  media::Tracks tracks_;
  std::uint64_t damage_ = 0;
};

}  // namespace

Recording::Recording(const std::string& path) {
  if (!path.empty()) file_.open(path, std::ios::binary | std::ios::trunc);
}

void Recording::write(BytesView bytes) {
  if (active()) file_.write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

Result<void> MessageProbe::take(const flv::Message& message) {
  auto output = reader_.read(message, SteadyTime{});
  if (!output) return fail(output.error());
  if (output->tracks) tracks_ = std::move(*output->tracks);
  if (output->frame) tell(*viewer_, tracks_, *output->frame);
  return {};
}

std::unique_ptr<FlowProbe> FlowProbe::make(Kind kind, Viewer& viewer) {
  SLUICE_ASSERT(kind == Kind::http_flv || kind == Kind::http_ts, "only flows have flow probes");
  if (kind == Kind::http_flv) return std::make_unique<FlvProbe>(viewer);
  return std::make_unique<TsProbe>(viewer);
}

Result<void> SegmentProbe::init(BytesView bytes) {
  auto init = mp4::read_init(bytes);
  if (!init) return fail(init.error());
  init_ = std::move(*init);
  return {};
}

Result<void> SegmentProbe::segment(BytesView bytes) {
  if (bytes.empty() || bytes.front() != kTsSync) return fragments(bytes);
  // A segment begins anew: its continuity counters need not go on from the one before.
  TsProbe probe(*viewer_);
  if (auto ok = probe.take(bytes); !ok) return ok;
  probe.finish();
  return {};
}

Result<void> SegmentProbe::fragments(BytesView bytes) {
  while (!bytes.empty()) {
    const auto fragment = mp4::read_fragment(bytes, &init_);
    if (!fragment && fragment.error() == mp4::Errc::no_fragment) break;
    if (!fragment) return fail(fragment.error());
    const auto* track = init_.find(fragment->track_id);
    for (const auto& read : fragment->samples) {
      if (track == nullptr || track->codec == nullptr) break;
      if (track->codec->content == media::Content::video) viewer_->on_video(read.payload, read.sample.sync);
      if (track->codec->content == media::Content::audio) viewer_->on_audio();
    }
    bytes = bytes.subspan(fragment->size);
  }
  return {};
}

}  // namespace sluice::load
