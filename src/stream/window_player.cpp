#include "stream/window_player.hpp"

#include <algorithm>

#include "core/log.hpp"

namespace sluice::stream {
namespace {

constexpr std::size_t kMostGathered = 64 * 1024;  // of a burst, before others have their turn

constexpr SteadyTime::duration steady(Ticks time) { return std::chrono::duration_cast<SteadyTime::duration>(time); }

}  // namespace

WindowPlayer::WindowPlayer(std::shared_ptr<Window> window, const FlowForm& form, View view,
                           std::shared_ptr<const StreamConfig> config, net::TcpSocket& socket, std::uint64_t& sent,
                           std::chrono::nanoseconds stall)
    : socket_(socket),
      sent_(sent),
      config_(std::move(config)),
      view_(view),
      stall_(stall),
      reader_(std::move(window), form, std::move(view)),
      muxer_(form, config_) {
  task_.spawn(read_ahead());
  task_.spawn(run());
}

void WindowPlayer::send_between(Bytes bytes) {
  if (own_.size() + bytes.size() > kMostBetween) return socket_.shutdown();
  own_.insert(own_.end(), bytes.begin(), bytes.end());
  on_news_.notify_all();
}

void WindowPlayer::pause() {
  if (!paused_) paused_ = Shard::current().now();
}

void WindowPlayer::resume() {
  if (!paused_) return;
  if (origin_) *origin_ += Shard::current().now() - *paused_;
  paused_.reset();
  on_news_.notify_all();
}

Bytes WindowPlayer::leave() {
  task_.cancel();
  Bytes out(leaving_.begin() + static_cast<std::ptrdiff_t>(left_), leaving_.end());
  out.insert(out.end(), own_.begin(), own_.end());
  return out;
}

/// Reads the next segment while one is being sent, so that nobody waits for a disk.
Task<void> WindowPlayer::read_ahead() {
  for (bool more = true; more;) {
    read_ = co_await reader_.next();
    more = read_->has_value() && (*read_)->has_value();
    on_news_.notify_all();
    while (more && read_) co_await on_taken_.wait();
  }
}

Task<Result<std::optional<WindowReader::Some>>> WindowPlayer::next() {
  for (;;) {
    if (auto ok = co_await unpaused(); !ok) co_return std::unexpected(ok.error());
    if (read_) break;
    if (auto ok = co_await flush(); !ok) co_return std::unexpected(ok.error());
    if (!read_ && own_.empty() && !paused_) co_await on_news_.wait();
  }
  auto taken = std::move(*std::exchange(read_, std::nullopt));
  on_taken_.notify_all();
  co_return taken;
}

Task<void> WindowPlayer::run() {
  if (const auto played = co_await play(); !played) {
    log::notice("viewer is closed",
                {{"peer", socket_.peer()}, {"stream", config_->name}, {"error", played.error().message()}});
  }
  socket_.shutdown();
}

Task<Result<void>> WindowPlayer::play() {
  std::shared_ptr<const Run> run;
  for (;;) {
    auto some = co_await next();
    if (!some) co_return std::unexpected(some.error());
    if (!*some) break;
    if (std::exchange(run, (*some)->run) != (*some)->run) enter(*run);
    if (origin_) *origin_ -= steady((*some)->pause);
    if (auto ok = co_await send_frames(std::move((*some)->frames)); !ok) co_return ok;
  }
  if (origin_) muxer_.end(units_);
  if (auto ok = co_await unpaused(); !ok) co_return ok;
  co_return co_await flush();
}

void WindowPlayer::enter(const Run& run) {
  const auto before = units_.size();
  if (muxer_.begin_run(units_, run.tracks, view_.select(run.tracks))) init_ = muxer_.init();
  if (!origin_) units_.resize(before);
}

Task<Result<void>> WindowPlayer::send_frames(std::vector<media::Frame> frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (origin_) {
      if (auto ok = co_await pace(frames[i].dts); !ok) co_return ok;
    }
    const auto before = units_.size();
    const auto unit = muxer_.frame(units_, frames[i]);
    if (origin_ || !unit) continue;
    if (unit->start) {
      begin(std::span(frames).subspan(i));
    } else {
      units_.resize(before);
    }
  }
  co_return Result<void>();
}

/// The first of `frames`, which is muxed, is the viewer's first.
void WindowPlayer::begin(std::span<const media::Frame> frames) {
  units_.insert(units_.begin(), init_.begin(), init_.end());
  origin_ = Shard::current().now() - steady(frames.front().dts + ahead(frames));
}

/// How far ahead of the pace a viewer is who begins with the first of `frames`.
Ticks WindowPlayer::ahead(std::span<const media::Frame> frames) const {
  const media::Frame& first = frames.front();
  switch (config_->prepush.mode) {
    case Prepush::Mode::off: return Ticks(0);
    case Prepush::Mode::seconds: return to_ticks(config_->prepush.length);
    case Prepush::Mode::gop: break;
  }
  const auto next = std::ranges::find_if(
      frames.subspan(1), [&](const media::Frame& f) { return f.track == first.track && f.random_access; });
  return (next == frames.end() ? frames.back().dts : next->dts) - first.dts;
}

/// Waits until a frame at `dts` is due, and sends what comes before it.
Task<Result<void>> WindowPlayer::pace(Ticks dts) {
  const bool gathers = config_->merge_window.mode != MergeWindow::Mode::none;
  const auto window = gathers ? config_->merge_window.length : std::chrono::milliseconds(0);
  for (;;) {
    if (auto ok = co_await unpaused(); !ok) co_return ok;
    const SteadyTime at = *origin_ + steady(dts);
    if (at <= Shard::current().now()) break;
    if (auto ok = co_await flush(); !ok) co_return ok;
    co_await on_news_.wait(std::max<SteadyTime>(at, flushed_ + window));
  }
  if (units_.size() < kMostGathered) co_return Result<void>();
  auto ok = co_await flush();
  co_await yield();
  co_return ok;
}

/// Sends what is this viewer's own, for as long as he pauses nothing else.
Task<Result<void>> WindowPlayer::unpaused() {
  for (;;) {
    if (auto ok = co_await send(own_); !ok) co_return ok;
    if (!paused_) co_return Result<void>();
    co_await on_news_.wait();
  }
}

Task<Result<void>> WindowPlayer::flush() {
  if (units_.empty()) co_return Result<void>();
  auto ok = co_await send(units_);
  flushed_ = Shard::current().now();
  co_return ok;
}

Task<Result<void>> WindowPlayer::send(Bytes& bytes) {
  leaving_ = std::exchange(bytes, {});
  for (left_ = 0; left_ < leaving_.size();) {
    const BytesView rest = BytesView(leaving_).subspan(left_);
    const auto n = socket_.send_now({.length = rest.size(), .memory = rest.data()});
    if (!n) co_return std::unexpected(n.error());
    sent_ += *n;
    left_ += *n;
    if (*n > 0) continue;
    if (auto ok = co_await socket_.writable(Shard::current().now() + stall_); !ok) co_return ok;
  }
  co_return Result<void>();
}

}  // namespace sluice::stream
