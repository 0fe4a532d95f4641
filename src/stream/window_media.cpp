#include "stream/window_media.hpp"

#include <algorithm>

#include "stream/errc.hpp"
#include "stream/run_muxer.hpp"
#include "stream/window_player.hpp"

namespace sluice::stream {

WindowMedia::WindowMedia(std::shared_ptr<const StreamConfig> config, std::shared_ptr<Window> window)
    : config_(std::move(config)), window_(std::move(window)) {}

Task<Result<WaitedFrom>> WindowMedia::ready(const FlowForm& form, View view, SteadyTime deadline) {
  const auto window = window_;
  for (;;) {
    const auto listing = co_await window->listing();
    const auto playable = std::ranges::any_of(listing->segments, [&](const auto& segment) {
      const auto& tracks = segment->run->tracks;
      return segment->complete && !RunMuxer::carried(form, tracks, view.select(tracks)).empty();
    });
    if (playable) co_return WaitedFrom{};
    if (listing->ended) co_return fail(listing->segments.empty() ? Errc::not_running : Errc::no_track);
    if (!co_await window->changed(listing->generation, deadline)) co_return fail(Errc::not_running);
  }
}

Task<Result<std::unique_ptr<Follower>>> WindowMedia::follow(const FlowForm& form, View view, net::TcpSocket& socket,
                                                            std::uint64_t& sent, WaitedFrom, SteadyTime deadline) {
  const auto [config, window] = std::pair(config_, window_);
  if (auto ok = co_await ready(form, view, deadline); !ok) co_return std::unexpected(ok.error());
  co_return std::make_unique<WindowPlayer>(window, form, std::move(view), config, socket, sent);
}

}  // namespace sluice::stream
