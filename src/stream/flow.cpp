#include "stream/flow.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace sluice::stream {
Result<std::unique_ptr<Flow>> Flow::create(Shard& home, const FlowForm& form,
                                           std::shared_ptr<const StreamConfig> config,
                                           std::chrono::milliseconds allowance) {
  auto made = ByteLog::create(home.arena());
  if (!made) return std::unexpected(made.error());
  auto log = std::make_unique<ByteLog>(std::move(*made));
  // Whoever holds it last: its region goes back on the shard whose it is.
  const auto give_back = [&home](ByteLog* last) {
    std::unique_ptr<ByteLog> owned(last);
    if (Shard::current_or_null() != &home) home.post([owned = std::move(owned)] {});
  };
  return std::unique_ptr<Flow>(new Flow({log.release(), give_back}, form, std::move(config), allowance));
}

Flow::Flow(std::shared_ptr<ByteLog> log, const FlowForm& form, std::shared_ptr<const StreamConfig> config,
           std::chrono::milliseconds allowance)
    : log_(std::move(log)), muxer_(form, config), form_(form), config_(std::move(config)), allowance_(allowance) {}

void Flow::set_config(std::shared_ptr<const StreamConfig> config) {
  config_ = std::move(config);
  muxer_.set_config(config_);
}

void Flow::begin_run(const media::Tracks& tracks, std::vector<std::uint32_t> selection) {
  const bool goes_on = muxer_.has_tracks();
  scratch_.clear();
  if (!muxer_.begin_run(scratch_, tracks, std::move(selection))) return;
  if (goes_on) {
    if (!log_->append(scratch_)) log::error("a flow is full", {{"form", form_.name}});
    change_ = std::make_shared<const Bytes>(scratch_);
  }
  init_ = std::make_shared<const Bytes>(muxer_.init());
  init_from_ = log_->end();
  init_told_ = false;
  idle_ = false;
  dirty_ = true;
}

void Flow::push(const media::Frame& frame) {
  scratch_.clear();
  const auto muxed = muxer_.frame(scratch_, frame);
  if (!muxed) return;
  if (std::exchange(idle_, false)) {
    init_from_ = log_->end();
    init_told_ = false;
  }
  const FlowUnit unit{.offset = log_->end(), .dts = frame.dts, .arrival = frame.arrival, .start = muxed->start};
  move_floor();
  if (!log_->append(scratch_)) {
    // Only when a shard has stopped reading updates altogether: nothing is lost that it could still send.
    log::error("a flow is full, a frame is left out", {{"form", form_.name}});
    return;
  }
  if (!dirty_ || told_edge_ == unit.offset) first_pending_ = frame.arrival;
  video_pending_ = video_pending_ || muxed->leads;
  units_.push_back(unit);
  dirty_ = true;
}

void Flow::set_idle() {
  idle_ = true;
  dirty_ = true;
}

void Flow::end() {
  if (ended_) return;
  scratch_.clear();
  muxer_.end(scratch_);
  (void)log_->append(scratch_);
  ended_ = true;
  dirty_ = true;
}

/// The floor is a start: the newest that prepush may need, or that is older than the allowance.
void Flow::move_floor() {
  if (units_.empty()) return;
  const Ticks newest = units_.back().dts;
  Ticks keep = to_ticks(allowance_);
  if (config_->prepush.mode == Prepush::Mode::seconds) keep = std::max(keep, to_ticks(config_->prepush.length));
  // For one GOP of prepush the last start is always kept, as every unit after the last start is.
  std::size_t drop = 0;
  for (std::size_t i = 0; i < told_units_ && i < units_.size(); ++i) {
    if (units_[i].dts > newest - keep) break;
    if (units_[i].start) drop = i;
  }
  // What has no start for minutes, or is very fast, must not grow until there is no room.
  constexpr auto kLongest = std::chrono::duration_cast<Ticks>(std::chrono::seconds(60));
  const std::uint64_t most = log_->map().region_bytes / 2;
  const auto too_old = [&](const FlowUnit& unit) {
    return unit.dts < newest - keep - kLongest || log_->end() - unit.offset > most;
  };
  while (drop < told_units_ && drop + 1 < units_.size() && too_old(units_[drop])) ++drop;
  if (drop == 0) return;
  units_.erase(units_.begin(), units_.begin() + static_cast<std::ptrdiff_t>(drop));
  told_units_ -= drop;
  floor_ = units_.front().offset;
}

bool Flow::due(SteadyTime now) const {
  if (!dirty_) return false;
  if (ended_ || idle_ || !init_told_) return true;
  switch (config_->merge_window.mode) {
    case MergeWindow::Mode::none: return true;
    case MergeWindow::Mode::video: return video_pending_ || now - first_pending_ >= config_->merge_window.length;
    case MergeWindow::Mode::time: return true;  // gathered by who sends: viewers are spread over the window
  }
  return true;
}

std::optional<SteadyTime> Flow::next_due() const {
  if (!dirty_ || config_->merge_window.mode != MergeWindow::Mode::video) return {};
  return first_pending_ + config_->merge_window.length;
}

FlowUpdate Flow::take_update(SteadyTime) {
  FlowUpdate update{.edge = log_->end(), .floor = floor_, .idle = idle_, .ended = ended_};
  update.units.assign(units_.begin() + static_cast<std::ptrdiff_t>(told_units_), units_.end());
  if (!init_told_) {
    update.init = init_;
    update.change = change_;
    update.init_from = init_from_;
    init_told_ = true;
  }
  told_units_ = units_.size();
  told_edge_ = log_->end();
  dirty_ = false;
  video_pending_ = false;
  return update;
}

FlowUpdate Flow::state() const {
  FlowUpdate update{.edge = told_edge_, .floor = floor_, .init_from = init_from_, .idle = idle_, .ended = ended_};
  update.units.assign(units_.begin(), units_.begin() + static_cast<std::ptrdiff_t>(told_units_));
  if (init_told_) {
    update.init = init_;
    update.change = change_;
  }
  return update;
}

}  // namespace sluice::stream
