#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "core/unwrap.hpp"
#include "stream/source_model.hpp"

/// Whatever comes in, the promises of TimelineSink hold: generated scenes of all kinds of tracks, in which everything
/// goes wrong that has been seen to go wrong, and more.

namespace sluice::stream::test {
namespace {

using namespace std::chrono_literals;

enum class Mishap : std::uint8_t {
  jump,              // of the source's clock: all stamps are off from then on
  jump_of_one,       // of one track's stamps
  silence,           // a track sends nothing for a while
  silence_of_all,    // nor does any
  stall,             // the network delivers late, then all at once
  stand_still,       // the source's clock stops for a while
  new_parameters,    // the same source goes on with the same tracks
  other_tracks,      // the same source goes on with fewer tracks in another order
  restart,           // another source
  end,               // flush, and frames all the same
  random_stamps,     // anything at all
  small_steps_back,  // each stamp a bit less than the one before
  stuck_stamps,      // the same over and over
  leaps,             // each stamp 2.9 s more than the one before
  no_keyframes,      // for a while
  all_keyframes,     // nothing else
  twice,             // each frame comes twice
  wrong_order,       // stamps are mixed up within a second
  early_pts,         // pictures that are shown before they are decoded, or never
  long_durations,    // as stated by the source
  wrong_utc,         // as stated by the source
  big_frames,        // a megabyte each
  forced_cut,        // somewhere near
  kCount
};

struct Incident {
  Mishap what = Mishap::jump;
  Us at{};
  Us length{};
  std::uint32_t track = 0;
  Us amount{};
};

struct Scene {
  TimelineOptions options;
  Scripts scripts;
  std::vector<Incident> incidents;
  Us begin{};
  std::uint64_t seed = 0;
  bool wraps = false;  // stamps are milliseconds of 32 bits, and wrap after 20 s
};

void showValue(const Incident& incident, std::ostream& os) {
  os << "{Mishap(" << static_cast<int>(incident.what) << "), " << incident.at.count() << "us, "
     << incident.length.count() << "us, " << incident.track << ", " << incident.amount.count() << "us}";
}

void showValue(const Scene& scene, std::ostream& os) {
  os << "segment " << scene.options.segment_duration.count() << " chunk " << scene.options.chunk_duration.count()
     << " bytes " << scene.options.segment_bytes << " begin " << scene.begin.count() << " seed " << scene.seed
     << " wraps " << scene.wraps << "\n";
  for (const TrackScript& s : scene.scripts) {
    os << s.codec << " " << s.frames << "/" << s.seconds << " gop " << s.gop << " b " << s.b_frames << " ms "
       << s.whole_milliseconds << " shift " << s.shift.count() << " delay " << s.delay.count() << " first "
       << s.first_frame.count() << "\n";
  }
  for (const Incident& incident : scene.incidents) {
    showValue(incident, os);
    os << "\n";
  }
}

constexpr Us kLength = 40s;

rc::Gen<Us> times(Us from, Us to) {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(from.count() / 1000, to.count() / 1000),
                      [](std::int64_t ms) { return Us(ms * 1000); });
}

rc::Gen<TrackScript> script_of(TrackScript base) {
  static const std::vector<std::pair<std::int64_t, std::int64_t>> kRates{
      {25, 1}, {30'000, 1001}, {24'000, 1001}, {60, 1}, {25, 2}, {120, 1}, {1, 1}};
  return rc::gen::map(
      rc::gen::tuple(rc::gen::elementOf(kRates), rc::gen::element(50, 1, 12, 25, 250, 0), rc::gen::inRange(0, 4),
                     rc::gen::arbitrary<bool>(), times(-2s, 2s), times(0s, 1500ms), times(0s, 5s)),
      [base](const auto& picked) {
        TrackScript script = base;
        const auto& [rate, gop, b_frames, whole, shift, delay, first] = picked;
        if (script.codec == "h264") {
          std::tie(script.frames, script.seconds) = rate;
          script.gop = gop;
          script.b_frames = b_frames;
        }
        script.whole_milliseconds = whole;
        script.shift = shift;
        script.delay = delay;
        script.first_frame = first;
        return script;
      });
}

rc::Gen<Scripts> scripts() {
  return rc::gen::mapcat(
      rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange(0, 3), rc::gen::inRange(0, 2), rc::gen::inRange(0, 2),
                     rc::gen::element<std::int64_t>(48'000, 44'100, 22'050, 8'000)),
      [](const auto& counts) {
        const auto [videos, sounds, texts, events, sample_rate] = counts;
        std::vector<TrackScript> bases(static_cast<std::size_t>(videos), video(25));
        for (int i = 0; i < sounds; ++i) bases.push_back(i == 0 ? aac(sample_rate) : mp3(48'000));
        for (int i = 0; i < texts; ++i) bases.push_back(text());
        for (int i = 0; i < events || bases.empty(); ++i) bases.push_back(data());
        return rc::gen::exec([bases] {
          Scripts out;
          for (const TrackScript& base : bases) out.push_back(*script_of(base));
          return out;
        });
      });
}

rc::Gen<Incident> incident() {
  return rc::gen::build<Incident>(
      rc::gen::set(&Incident::what, rc::gen::map(rc::gen::inRange(0, static_cast<int>(Mishap::kCount)),
                                                 [](int i) { return static_cast<Mishap>(i); })),
      rc::gen::set(&Incident::at, times(0s, kLength)), rc::gen::set(&Incident::length, times(0s, 15s)),
      rc::gen::set(&Incident::track, rc::gen::inRange<std::uint32_t>(0, 7)),
      rc::gen::set(&Incident::amount, rc::gen::oneOf(times(-15s, 15s), times(-1h, 1h))));
}

rc::Gen<Scene> scene() {
  const auto options = rc::gen::map(
      rc::gen::tuple(rc::gen::element(5000, 1000, 2000, 15'000), rc::gen::element(200, 50, 100, 333, 1000, 2000),
                     rc::gen::element<std::size_t>(64 << 20, 100'000, 2'000'000)),
      [](const auto& picked) {
        return TimelineOptions{.segment_duration = std::chrono::milliseconds(std::get<0>(picked)),
                               .chunk_duration = std::chrono::milliseconds(std::get<1>(picked)),
                               .segment_bytes = std::get<2>(picked)};
      });
  return rc::gen::build<Scene>(rc::gen::set(&Scene::options, options), rc::gen::set(&Scene::scripts, scripts()),
                               rc::gen::set(&Scene::incidents, rc::gen::container<std::vector<Incident>>(incident())),
                               rc::gen::set(&Scene::begin, times(0s, 10s)), rc::gen::set(&Scene::seed),
                               rc::gen::set(&Scene::wraps));
}

/// Plays a scene: what happens to each frame on its way.
class Stage {
 public:
  explicit Stage(const Scene& scene) : player(scene.options), scene_(scene), random_(scene.seed) {}

  void play(bool normalize) {
    player.normalize = normalize;
    auto frames = record(scene_.scripts, scene_.begin, scene_.begin + kLength);
    for (SentFrame& sent : frames) deliver(sent);
    sort_by_arrival(frames);
    player.begin(tracks_of(scene_.scripts));
    kept_.resize(scene_.scripts.size());
    for (std::uint32_t i = 0; i < kept_.size(); ++i) kept_[i] = i;
    for (SentFrame& sent : frames) send(std::move(sent));
    player.finish();
  }

  Player player;

 private:
  Us at(const Incident& incident) const { return scene_.begin + incident.at; }
  bool during(const Incident& incident, const SentFrame& sent) const {
    return sent.captured >= at(incident) && sent.captured < at(incident) + incident.length;
  }
  bool hits(const Incident& incident, const SentFrame& sent) const {
    return incident.track % scene_.scripts.size() == sent.frame.track && during(incident, sent);
  }

  void deliver(SentFrame& sent) {
    for (const Incident& incident : scene_.incidents) {
      if (incident.what == Mishap::stall && during(incident, sent)) {
        sent.arrives = std::max(sent.arrives, at(incident) + incident.length);
      }
      if (incident.what == Mishap::stand_still && sent.captured >= at(incident)) sent.arrives += 20 * incident.length;
    }
  }

  void send(SentFrame sent) {
    for (std::size_t i = 0; i < scene_.incidents.size(); ++i) happen(i, sent);
    const bool twice = twice_;
    twice_ = false;
    if (std::exchange(lost_, false)) return;
    if (scene_.wraps) wrap(sent);
    const auto kept = std::ranges::find(kept_, sent.frame.track);
    if (kept == kept_.end()) return;
    sent.frame.track = static_cast<std::uint32_t>(kept - kept_.begin());
    for (int i = 0; i < (twice ? 2 : 1); ++i) {
      SentFrame copy = sent;
      copy.frame.payload = next_payload(sent.frame.payload.size());
      player.push(std::move(copy));
    }
  }

  /// What an incident does once, when its time has come.
  void begin(std::size_t index) {
    const Incident& incident = scene_.incidents[index];
    switch (incident.what) {
      case Mishap::jump: offset_ += incident.amount; break;
      case Mishap::new_parameters: player.begin(kept_tracks(), true); break;
      case Mishap::other_tracks:
        std::ranges::shuffle(kept_, random_);
        if (kept_.size() > 1 && incident.track % 2 == 0) kept_.pop_back();
        player.begin(kept_tracks(), true);
        break;
      case Mishap::restart: player.begin(kept_tracks()); break;
      case Mishap::end: player.timeline.flush(); break;
      case Mishap::forced_cut: player.timeline.cut(to_ticks(incident.at + incident.amount)); break;
      default: break;
    }
  }

  void happen(std::size_t index, SentFrame& sent) {
    const Incident& incident = scene_.incidents[index];
    if (sent.captured >= at(incident) && !std::ranges::count(begun_, index)) {
      begun_.push_back(index);
      begin(index);
    }
    media::Frame& frame = sent.frame;
    if (index == 0) frame.dts += to_ticks(offset_), frame.pts += to_ticks(offset_);
    if (incident.what == Mishap::silence_of_all && during(incident, sent)) lost_ = true;
    if (incident.what == Mishap::all_keyframes && during(incident, sent)) frame.random_access = true;
    if (incident.what == Mishap::no_keyframes && during(incident, sent)) frame.random_access = false;
    if (hits(incident, sent)) spoil(incident, frame);
  }

  void spoil(const Incident& incident, media::Frame& frame) {
    const Ticks base = to_ticks(at(incident));
    const auto noise = [&](std::int64_t most) {
      return std::uniform_int_distribution<std::int64_t>(-most, most)(random_);
    };
    switch (incident.what) {
      case Mishap::jump_of_one: frame.dts += to_ticks(incident.amount); break;
      case Mishap::silence: lost_ = true; break;
      case Mishap::random_stamps:
        frame.dts = Ticks(noise(player.normalize ? std::numeric_limits<std::int64_t>::max() : 1'000'000'000));
        break;
      case Mishap::small_steps_back: frame.dts = base - 10'000 * Ticks(++step_); break;
      case Mishap::stuck_stamps: frame.dts = base; break;
      case Mishap::leaps: frame.dts = base + 261'000 * Ticks(++step_); break;
      case Mishap::twice: twice_ = true; break;
      case Mishap::wrong_order: frame.dts += Ticks(noise(45'000)); break;
      case Mishap::early_pts: frame.pts = frame.dts + Ticks(noise(100'000'000)); return;
      case Mishap::long_durations: frame.duration = Ticks(noise(100'000'000)); return;
      case Mishap::wrong_utc: frame.utc = Player::kUtcStart + Us(noise(100'000'000'000)); return;
      case Mishap::big_frames: frame.payload = next_payload(1 << 20); return;
      default: return;
    }
    frame.pts = frame.dts;
  }

  /// As RTMP has them: 32 bits of milliseconds.
  void wrap(SentFrame& sent) {
    auto& unwrapper = unwrappers_[sent.frame.track];
    const std::int64_t before = (std::int64_t{1} << 32) - 20'000;
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(sent.frame.dts).count();
    const Ticks composition = sent.frame.pts - sent.frame.dts;
    sent.frame.dts = std::chrono::duration_cast<Ticks>(
        std::chrono::milliseconds(unwrapper.unwrap(static_cast<std::uint64_t>(ms + before) & 0xffff'ffff)));
    sent.frame.pts = sent.frame.dts + std::clamp(composition, Ticks(-1'000'000), Ticks(1'000'000));
  }

  media::Tracks kept_tracks() const {
    Scripts kept;
    for (const auto index : kept_) kept.push_back(scene_.scripts[index]);
    return tracks_of(kept);
  }

  const Scene& scene_;
  std::mt19937_64 random_;
  std::vector<std::size_t> begun_;
  std::vector<std::uint32_t> kept_;
  std::map<std::uint32_t, Unwrapper<32>> unwrappers_;
  Us offset_{};
  int step_ = 0;
  bool lost_ = false;
  bool twice_ = false;
};

RC_GTEST_PROP(TimelineHostile, PromisesHoldWhateverComesIn, ()) {
  const Scene picked = *scene();
  Stage stage(picked);
  stage.play(true);
  RC_ASSERT(stage.player.model.broken() == "");
  RC_ASSERT(stage.player.model.most_open() <= 10U);
}

RC_GTEST_PROP(TimelineHostile, PromisesHoldWithoutRepairedStampsToo, ()) {
  const Scene picked = *scene();
  Stage stage(picked);
  stage.play(false);
  RC_ASSERT(stage.player.model.broken() == "");
}

}  // namespace
}  // namespace sluice::stream::test
