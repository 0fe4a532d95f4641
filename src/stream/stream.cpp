#include "stream/stream.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "core/assert.hpp"
#include "core/log.hpp"
#include "core/uuid.hpp"
#include "stream/remote_feed.hpp"
#include "stream/stream_view.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kLeastTargets = 3;  // RFC 8216bis section 6.2.2: what a live playlist may not go below
constexpr auto kAlive = seconds(12);        // without a frame for so long, a stream does not run
constexpr auto kBitrateWindow = seconds(5);
constexpr auto kLongestReturn = seconds(24 * 3600);  // that inputs wait for a publisher

bool is_publish(const InputConfig& input) { return input.scheme == "publish"; }

std::optional<InputDriver> driver_of(const StreamPlan& plan, const InputConfig& input) {
  const auto found = std::ranges::find(plan.drivers, input.scheme, &InputDriver::scheme);
  return found == plan.drivers.end() ? std::nullopt : std::optional(*found);
}

/// Whether what comes by `a` comes by `b` too, however it is used then.
bool is_same_input(const InputConfig& a, const InputConfig& b) {
  return a.scheme == b.scheme && (is_publish(a) || (a.url == b.url && a.options == b.options));
}

}  // namespace

Stream::Stream(Registry& registry, std::shared_ptr<const StreamConfig> config, bool by_template)
    : registry_(registry),
      id_(registry.next_id()),
      uuid_(make_uuid()),
      opened_(registry.shard_.now()),
      name_(config->name),
      config_(std::move(config)),
      by_template_(by_template),
      looking_(registry.all_.size()),
      seen_(std::make_shared<std::vector<std::atomic<std::uint64_t>>>(registry.all_.size())),
      viewers_(registry.all_.size()),
      awaited_(registry.all_.size()),
      looked_at_(registry.shard_.now()) {
  const bool takes_publishers = std::ranges::any_of(config_->inputs, is_publish) && !config_->disabled;
  if (takes_publishers && !by_template) {
    publisher_awaited_until_ = looked_at_ + registry.plan_->patience.for_publishers;
  } else if (takes_publishers && registry.expects(name_)) {
    publisher_awaited_until_ = registry.publishers_awaited_until_;
  }
  begin_life();
}

Stream::~Stream() {
  for (const Source& source : sources_) close_source(source.signal);
}

/// A stream's life: from its first frame until nothing of it is served any more. Numbers go on from life to life and
/// over restarts of the server, because they are kept; those of segments begin with the time, so that they do even
/// where what was kept is lost.
void Stream::begin_life() {
  const auto utc = registry_.clock_.at(registry_.shard_.now()).time_since_epoch();
  const auto by_time = static_cast<std::uint64_t>(utc / config_->segment_duration);
  if (next_number_ == 0) next_number_ = by_time;
  if (registry_.plan_->numbers) {
    const Numbers numbers = registry_.plan_->numbers->next(name(), next_number_);
    next_number_ = numbers.segment;
    next_discontinuity_ = numbers.discontinuity;
  }
  const auto former = store_ == nullptr ? 0 : store_->listing()->generation;
  if (store_ != nullptr) slow_.cut += store_->cut();
  store_ = std::make_unique<Store>(
      registry_.shard_, registry_.clock_,
      Store::Options{
          .segment_count = config_->segment_count, .target_durations = kLeastTargets, .former_generation = former});
  timeline_ = std::unique_ptr<Timeline>(new Timeline(TimelineOptions{.segment_duration = config_->segment_duration,
                                                                     .chunk_duration = config_->chunk_duration,
                                                                     .first_number = next_number_,
                                                                     .first_discontinuity = next_discontinuity_},
                                                     registry_.clock_, *this));
  run_.reset();
  began_ = {};
  silent_ = false;
  heard_again_ = Ticks::min();
}

void Stream::end_life() {
  for (FlowState& state : flows_) state.flow->end();
  publish();
  flows_.clear();
  next_number_ = timeline_->next_number();
  begin_life();
  publish();
}

// --- another config -----------------------------------------------------------------------------------------------

void Stream::set_config(std::shared_ptr<const StreamConfig> config, bool by_template) {
  const auto before = std::exchange(config_, std::move(config));
  by_template_ = by_template;
  const auto change = change_between(*before, *config_);
  if (change == ConfigChange::none) return;
  if (change == ConfigChange::new_life) log::info("stream begins anew by another config", {{"stream", name_}});
  config_told_ = false;
  for (FlowState& state : flows_) state.flow->set_config(config_);
  store_->set_segment_count(config_->segment_count);
  change_sources();
  change_inputs();
  if (change == ConfigChange::new_life) {
    if (feeding_ != 0) stop_feeding();
    end_life();
  }
  publish();
}

/// Those that stay are not interrupted, whatever is new about how they are used.
void Stream::change_inputs() {
  auto former = std::exchange(inputs_, {});
  if (!config_->is_static && !looked_at()) return;  // on demand: nobody demands it
  std::vector<const InputConfig*> fresh;
  for (const InputConfig& input : config_->inputs) {
    const auto same = std::ranges::find_if(former, [&](const auto& old) { return is_same_input(old->config, input); });
    if (same == former.end()) {
      fresh.push_back(&input);
      continue;
    }
    InputConfig& kept = (*same)->config;  // its driver looks at it
    kept.priority = input.priority;
    kept.source_timeout = input.source_timeout;
    kept.comment = input.comment;
    inputs_.push_back(std::move(*same));
    former.erase(same);
  }
  former.clear();
  if (config_->disabled) return;
  for (const InputConfig* input : fresh) start(*input);
}

/// Of the inputs that are left, the newest values; who published where nobody may publish now is closed.
void Stream::change_sources() {
  for (Source& source : std::exchange(sources_, {})) {
    const auto input = std::ranges::find_if(config_->inputs, [&](const InputConfig& candidate) {
      return source.publisher ? is_publish(candidate) : candidate.url == source.url;
    });
    if (input != config_->inputs.end()) {
      source.priority = input->priority;
      source.timeout = source_timeout(*config_, *input);
    } else if (source.publisher) {
      log::notice("source may not publish any more", {{"stream", name_}, {"url", source.url}});
      if (feeding_ == source.id) stop_feeding();
      close_source(source.signal);
      continue;
    }
    sources_.push_back(std::move(source));
  }
}

// --- sources ------------------------------------------------------------------------------------------------------

void Stream::start_inputs() {
  if (config_->disabled || pulls()) return;
  inputs_.clear();
  for (const InputConfig& input : config_->inputs) start(input);
}

void Stream::start(const InputConfig& input) {
  if (is_publish(input)) return;
  Input& made = *inputs_.emplace_back(std::make_unique<Input>());
  made.config = input;
  made.running.spawn(run_input(made.config));
}

/// Some input runs, or is about to try again.
bool Stream::pulls() const {
  return std::ranges::any_of(inputs_, [](const auto& input) { return input->running.size() > 0; });
}

bool Stream::looked_at() const {
  return std::ranges::any_of(looking_, [](bool looks) { return looks; });
}

Task<void> Stream::run_input(const InputConfig& input) {
  // By value: the plan may be another one after each wait, and then this one is gone.
  const auto driver = driver_of(*registry_.plan_, input);
  const Patience patience = registry_.plan_->patience;
  if (!driver) {
    log::error("input has no known scheme", {{"stream", name()}, {"url", input.url}});
    co_return;
  }
  auto delay = patience.first_retry;
  for (;;) {
    const auto before = frames_in_;
    {
      RemoteFeed feed(registry_, *this, input);
      co_await driver->pull(input, feed);
    }
    delay = frames_in_ != before ? patience.first_retry : std::min(delay * 2, patience.longest_retry);
    ++retry_count_;
    log::warning(
        "input ended, it is tried again",
        {{"stream", name()}, {"url", input.url}, {"wait_ms", std::chrono::duration_cast<milliseconds>(delay).count()}});
    co_await sleep_for(delay);
  }
}

Stream::Source* Stream::find_source(std::uint64_t id) {
  const auto it = std::ranges::find(sources_, id, &Source::id);
  return it == sources_.end() ? nullptr : &*it;
}

void Stream::connect(std::uint64_t id, std::string url, const InputConfig& input,
                     std::shared_ptr<SourceSignal> signal) {
  const bool publisher = is_publish(input);
  if (publisher) {
    // An encoder that lost its connection comes back before the old one is known to be dead: the newer one wins.
    for (Source& other : std::exchange(sources_, {})) {
      if (!other.publisher) {
        sources_.push_back(std::move(other));
        continue;
      }
      log::info("source takes over", {{"stream", name()}, {"url", url}, {"from", other.url}});
      if (feeding_ == other.id) stop_feeding();
      close_source(other.signal);
    }
  }
  log::info("source connected", {{"stream", name()}, {"url", url}});
  sources_.push_back({.id = id,
                      .url = std::move(url),
                      .priority = input.priority,
                      .publisher = publisher,
                      .timeout = source_timeout(*config_, input),
                      .signal = std::move(signal),
                      .tracks = {}});
  publish();
}

void Stream::disconnect(std::uint64_t id) {
  const Source* source = find_source(id);
  if (source == nullptr) return;
  log::info("source disconnected", {{"stream", name()}, {"url", source->url}});
  if (feeding_ == id) {
    stop_feeding();
    if (source->publisher) kept_for_return_ = fed_until_ + std::min(source->timeout, kLongestReturn);
  }
  std::erase_if(sources_, [&](const Source& s) { return s.id == id; });
}

void Stream::stop_feeding() {
  feeding_ = 0;
  fed_until_ = registry_.shard_.now();
  timeline_->flush();
  for (FlowState& state : flows_) state.flow->set_idle();
  publish();
}

/// A viewer who came now would be shown what is long past, and be told that it is live.
void Stream::notice_silence(SteadyTime now) {
  if (feeding_ == 0 || silent_ || now - last_frame_ <= registry_.plan_->patience.silent) return;
  silent_ = true;
  for (FlowState& state : flows_) state.flow->set_idle();
}

/// Whether the stream takes frames from this source: it feeds, or nobody does, or it is better than who does and has a
/// frame to begin with.
bool Stream::may_feed(const Source& source, const media::Frame& frame, SteadyTime now) {
  if (feeding_ == source.id) return true;
  if (const Source* other = find_source(feeding_)) {
    const bool silent = other->timeout > seconds(0) && other->timeout != kNever && now - last_frame_ > other->timeout;
    if (!silent && !is_better(source, frame, *other)) return false;
    timeline_->flush();
  } else if (!source.publisher && now < kept_for_return_) {
    return false;
  }
  feeding_ = source.id;
  if (began_ == SteadyTime{}) began_ = now;
  timeline_->begin_run(source.tracks, false, now);
  return true;
}

bool Stream::is_better(const Source& source, const media::Frame& frame, const Source& other) const {
  if (source.priority >= other.priority || !frame.random_access) return false;
  const auto has_video = std::ranges::find(source.tracks, media::Content::video, &media::Track::content);
  return has_video == source.tracks.end() || source.tracks[frame.track].content() == media::Content::video;
}

void Stream::receive(std::uint64_t id, SourceBatch batch) {
  const auto now = registry_.shard_.now();
  std::size_t next_change = 0;
  for (std::size_t i = 0; i <= batch.frames.size(); ++i) {
    Source* source = find_source(id);
    if (source == nullptr) return;
    for (; next_change < batch.changes.size() && batch.changes[next_change].before == i; ++next_change) {
      source->tracks = std::move(batch.changes[next_change].tracks);
      if (feeding_ == id) timeline_->begin_run(source->tracks, true, now);
    }
    if (i == batch.frames.size()) break;
    media::Frame& frame = batch.frames[i];
    if (frame.track >= source->tracks.size()) continue;
    if (!may_feed(*source, frame, now)) continue;
    last_frame_ = now;
    bytes_in_ += frame.payload.size();
    ++frames_in_;
    timeline_->push(std::move(frame));
  }
  publish();
}

/// How long what comes to the sources may gather before it is read: to be woken for each frame costs a multiple of
/// taking it in, so a stream that nobody needs frame by frame is read a few times in each part or merge window.
milliseconds Stream::pace() const {
  constexpr int kReads = 4;
  constexpr milliseconds kLeast(10);
  if (std::ranges::find(awaited_, true) != awaited_.end()) return {};
  if (flows_.empty()) return config_->chunk_duration / kReads;
  const MergeWindow& window = config_->merge_window;
  const auto viewers = std::accumulate(viewers_.begin(), viewers_.end(), std::uint64_t{0});
  // So many are served more often than it would be read.
  const bool gathers = window.mode == MergeWindow::Mode::time && viewers <= kReads * Followers::kGroup;
  return gathers && window.length / kReads >= kLeast ? window.length / kReads : milliseconds(0);
}

void Stream::tell_pace() {
  const auto now = pace();
  for (Source& source : sources_) {
    if (std::exchange(source.pace, now) != now) pace_source(source.signal, now);
  }
}

// --- timeline -----------------------------------------------------------------------------------------------------

void Stream::on_run(std::shared_ptr<const Run> run) {
  run_ = run;
  next_discontinuity_ = run->discontinuity + 1;
  for (FlowState& state : flows_) state.flow->begin_run(run->tracks, state.view.select(run->tracks));
  store_->on_run(std::move(run));
}
void Stream::on_frame(const media::Frame& frame) {
  if (std::exchange(silent_, false)) heard_again_ = frame.dts;
  last_dts_ = frame.dts;
  for (FlowState& state : flows_) state.flow->push(frame);
}
void Stream::on_segment(std::uint64_t number, Ticks dts, bool begins_run) {
  if (const auto& numbers = registry_.plan_->numbers) {
    numbers->used(name(), {number, run_->discontinuity}, registry_.clock_.at(registry_.shard_.now()));
  }
  store_->on_segment(number, dts, begins_run);
}
void Stream::on_segment_utc(std::uint64_t number, UtcTime utc) { store_->on_segment_utc(number, utc); }
void Stream::on_part(std::uint64_t number, std::uint32_t track, std::span<const media::Frame> frames, bool gap_before) {
  store_->on_part(number, track, frames, gap_before);
}
void Stream::on_track_complete(std::uint64_t number, std::uint32_t track) { store_->on_track_complete(number, track); }
void Stream::on_segment_complete(std::uint64_t number, Ticks duration) {
  store_->on_segment_complete(number, duration);
}
void Stream::on_targets(std::chrono::seconds target_duration, Ticks part_target) {
  store_->on_targets(target_duration, part_target);
}

// --- shards that look ---------------------------------------------------------------------------------------------

std::shared_ptr<const Listing> Stream::attach(std::size_t shard) {
  start_inputs();
  publish();  // to those who look already
  looking_[shard] = true;
  (*seen_)[shard].store(sequence_, std::memory_order_relaxed);
  looked_at_ = registry_.shard_.now();
  return store_->listing();
}

void Stream::detach(std::size_t shard, SteadyTime last_use) {
  looking_[shard] = false;
  set_demand(shard, 0, false);
  looked_at_ = std::max(looked_at_, last_use);
}

Result<Stream::OpenedFlow> Stream::open_flow(const FlowForm& form, const View& view, std::size_t shard) {
  auto it = std::ranges::find_if(
      flows_, [&](const FlowState& s) { return s.form == &form && s.view.track_ids == view.track_ids; });
  if (it == flows_.end()) {
    auto flow = Flow::create(registry_.shard_, form, config_);
    if (!flow) return fail(Errc::too_many);
    // What is over is no place to begin: without a source the flow waits for the next run.
    if (run_ && feeding_ != 0) {
      (*flow)->begin_run(run_->tracks, view.select(run_->tracks));
      if (!(*flow)->has_muxer()) return fail(Errc::no_track);
      // What lies in the store already, so that the first viewer starts as quickly as the hundredth.
      const bool prepush = config_->prepush.mode != Prepush::Mode::off;
      const auto back = config_->prepush.mode == Prepush::Mode::seconds ? to_ticks(config_->prepush.length) : Ticks(0);
      if (prepush && !silent_) {
        for (const auto& frame : recent_frames(*store_, *timeline_, *run_, back, heard_again_)) {
          (*flow)->push(frame);
        }
      }
      if (silent_) (*flow)->set_idle();
      (void)(*flow)->take_update(registry_.shard_.now());
    }
    flows_.push_back({.id = registry_.next_id(),
                      .form = &form,
                      .view = view,
                      .flow = std::move(*flow),
                      .shards = std::vector<bool>(looking_.size())});
    it = flows_.end() - 1;
    tell_pace();
  }
  it->shards[shard] = true;
  return OpenedFlow{.id = it->id, .map = it->flow->map(), .lease = it->flow->lease(), .state = it->flow->state()};
}

void Stream::close_flow(std::uint64_t id, std::size_t shard) {
  const auto it = std::ranges::find(flows_, id, &FlowState::id);
  if (it == flows_.end()) return;
  it->shards[shard] = false;
  if (std::ranges::none_of(it->shards, [](bool follows) { return follows; })) flows_.erase(it);
}

/// Tells every shard that looks what changed: one post for each, whatever the number of viewers.
void Stream::publish(bool gone) {
  const auto now = registry_.shard_.now();
  release_floors();
  store_->set_has_source(!sources_.empty() || pulls() || now < publisher_awaited_until_);
  if (!looked_at()) return;  // nothing is made that nobody asked for
  auto batch = std::make_shared<StreamBatch>();
  if (store_->changed()) batch->listing = store_->listing();
  for (FlowState& state : flows_) {
    if (!state.flow->due(now)) continue;
    batch->flows.emplace_back(state.id, state.flow->take_update(now));
    state.floors.emplace_back(sequence_ + 1, batch->flows.back().second.floor);
  }
  if (!config_told_) batch->config = config_;
  config_told_ = true;
  batch->gone = gone;
  arm_for_flows();
  if (batch->listing == nullptr && batch->flows.empty() && batch->config == nullptr && !gone) return;
  batch->sequence = ++sequence_;
  for (std::size_t shard = 0; shard < looking_.size(); ++shard) {
    if (!looking_[shard]) continue;
    Registry& there = *registry_.all_[shard];
    if (&there == &registry_) {
      there.take(name(), *batch);
      (*seen_)[shard].store(sequence_, std::memory_order_relaxed);
    } else {
      there.shard_.post([&there, name = name(), batch, seen = seen_, shard] {
        there.take(name, *batch);
        (*seen)[shard].store(batch->sequence, std::memory_order_release);
      });
    }
  }
}

void Stream::release_floors() {
  std::uint64_t seen_by_all = sequence_;
  for (std::size_t shard = 0; shard < looking_.size(); ++shard) {
    if (looking_[shard]) seen_by_all = std::min(seen_by_all, (*seen_)[shard].load(std::memory_order_acquire));
  }
  for (FlowState& state : flows_) {
    while (!state.floors.empty() && state.floors.front().first <= seen_by_all) {
      state.flow->release_to(state.floors.front().second);
      state.floors.pop_front();
    }
  }
}

void Stream::arm_for_flows() {
  std::optional<SteadyTime> next;
  for (const FlowState& state : flows_) {
    const auto due = state.flow->next_due();
    if (due && (!next || *due < *next)) next = due;
  }
  if (next) registry_.shard_.timers().arm(*this, *next);
}

// --- life ---------------------------------------------------------------------------------------------------------

void Stream::watch_pace(SteadyTime now) {
  const bool followed = pace_.follows();
  if (std::exchange(paced_, feeding_) != feeding_) {
    pace_.reset();
    paced_from_ = frames_in_;
  }
  if (feeding_ == 0 || frames_in_ == paced_from_) return;  // nothing has come from it yet
  pace_.mark(now, last_dts_);
  if (pace_.follows() == followed) return;
  if (followed) {
    log::warning("media time does not follow the wall clock", {{"stream", name()}, {"speed", *pace_.speed()}});
  } else {
    log::info("media time follows the wall clock again", {{"stream", name()}});
  }
}

bool Stream::tick(SteadyTime now) {
  timeline_->advance(now);
  watch_pace(now);
  notice_silence(now);
  byte_marks_.push_back({.at = now, .in = bytes_in_, .out = bytes_out_});
  while (byte_marks_.size() > 2 && byte_marks_[1].at <= now - kBitrateWindow) byte_marks_.pop_front();
  publish();
  tell_pace();
  const bool published = std::ranges::any_of(sources_, &Source::publisher);
  if (!config_->is_static && !looked_at() && !published && pulls() && config_->clients_timeout != kNever &&
      now - looked_at_ > config_->clients_timeout) {
    log::info("stream stops, nobody watches it", {{"stream", name()}, {"after_s", config_->clients_timeout.count()}});
    return false;
  }
  if (feeding_ != 0 || now - fed_until_ < patience_without_source()) return true;
  if (run_) end_life();
  return !by_template_ || !sources_.empty() || pulls() || now < publisher_awaited_until_;
}

std::chrono::nanoseconds Stream::patience_without_source() const {
  const Patience& patience = registry_.plan_->patience;
  const auto playlist = std::chrono::duration_cast<std::chrono::nanoseconds>(store_->listed_duration());
  return std::max(patience.without_source, patience.without_source_playlists * playlist);
}

StreamStatus Stream::status(SteadyTime now) const {
  const auto utc = [&](SteadyTime at) { return registry_.clock_.at(at); };
  StreamStatus status;
  status.config = config_;
  status.id = uuid_;
  status.published = by_template_;
  status.running = feeding_ != 0 && now - last_frame_ < kAlive;
  const auto source = std::ranges::find(sources_, feeding_, &Source::id);
  if (source != sources_.end()) {
    status.source = source->url;
    status.has_publisher = source->publisher;
  }
  status.run = run_;
  status.opened_at = utc(opened_);
  if (began_ != SteadyTime{}) status.started_at = utc(began_);
  if (last_frame_ != SteadyTime{}) {
    status.frame_at = utc(last_frame_);
    status.last_dts = std::chrono::duration_cast<milliseconds>(to_us(last_dts_));
  }
  status.used_at = utc(looked_at() ? now : looked_at_);
  status.bytes_in = bytes_in_;
  status.bytes_out = bytes_out_;
  status.frames_in = frames_in_;
  if (byte_marks_.size() > 1) {
    const auto& [from, in, out] = byte_marks_.front();
    const auto span = std::chrono::duration_cast<milliseconds>(byte_marks_.back().at - from).count();
    if (span > 0) {
      status.bitrate = (byte_marks_.back().in - in) * 8000 / static_cast<std::uint64_t>(span);
      status.out_bandwidth = (byte_marks_.back().out - out) * 8000 / static_cast<std::uint64_t>(span);
    }
  }
  if (began_ != SteadyTime{}) status.lifetime = std::chrono::duration_cast<milliseconds>(now - began_);
  if (last_frame_ != SteadyTime{}) status.since_frame = std::chrono::duration_cast<milliseconds>(now - last_frame_);
  status.held_bytes = store_->held_bytes();
  for (const FlowState& state : flows_) status.held_bytes += state.flow->held_bytes();
  status.pinned_bytes = store_->pinned_bytes();
  for (const auto viewers : viewers_) status.viewers += viewers;
  status.viewers_skipped = slow_.skipped;
  status.viewers_cut = slow_.cut + store_->cut();
  status.retry_count = retry_count_;
  status.follows_clock = pace_.follows();
  status.media_speed = pace_.speed();
  return status;
}

}  // namespace sluice::stream
