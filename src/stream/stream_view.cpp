#include "stream/stream_view.hpp"

#include <algorithm>

namespace sluice::stream {
namespace {

/// The live edge of a stream.
class LiveWindow final : public Window {
 public:
  explicit LiveWindow(std::shared_ptr<StreamView> view) : view_(std::move(view)) {}

  Task<std::shared_ptr<const Listing>> listing() override { co_return view_->listing(); }

  Task<bool> changed(std::uint64_t generation, SteadyTime deadline) override {
    while (view_->listing()->generation <= generation) {
      if (view_->gone() || !co_await view_->changed(deadline)) co_return false;
    }
    co_return true;
  }

  Task<Result<Body>> piece(std::shared_ptr<const Segment> segment, std::string key, std::vector<std::uint32_t> tracks,
                           MakePiece make) override {
    co_return view_->pieces().get(*segment, key, tracks, make);
  }

 private:
  std::shared_ptr<StreamView> view_;
};

}  // namespace

StreamView::StreamView(Registry& here, Registry& home, std::uint64_t stream, std::shared_ptr<const StreamConfig> config,
                       std::shared_ptr<const Listing> listing)
    : here_(here),
      home_(home),
      stream_(stream),
      name_(config->name),
      config_(std::move(config)),
      pieces_(here.shard_.arena(), config_),
      listing_(std::move(listing)),
      used_(here.shard_.now()) {}

StreamView::~StreamView() = default;

std::shared_ptr<Window> StreamView::window() {
  used_ = here_.shard_.now();
  return std::make_shared<LiveWindow>(shared_from_this());
}

std::size_t StreamView::viewers() const {
  std::size_t sum = 0;
  for (const auto& flow : flows_) sum += flow->followers == nullptr ? 0 : flow->followers->size();
  return sum;
}

void StreamView::count(FlowHere& flow) {
  if (flow.followers == nullptr) return;
  const FollowerCounters& now = flow.followers->counters();
  slow_ += {.skipped = now.skipped - flow.counted.skipped, .cut = now.closed_slow - flow.counted.closed_slow};
  sent_ += now.bytes - flow.counted.bytes;
  flow.counted = now;
}

SlowViewers StreamView::take_slow() {
  for (const auto& flow : flows_) count(*flow);
  slow_.cut += pieces_.cut() - std::exchange(counted_pieces_, pieces_.cut());
  return std::exchange(slow_, {});
}

void StreamView::set_config(std::shared_ptr<const StreamConfig> config) {
  config_ = std::move(config);
  pieces_.set_config(config_);
  forget_attachments();
  for (const auto& flow : flows_) {
    if (flow->followers) flow->followers->set_pace(config_->merge_window, config_->prepush);
  }
}

void StreamView::take(const StreamBatch& batch) {
  if (batch.config) set_config(batch.config);
  if (batch.listing) {
    listing_ = batch.listing;
    pieces_.forget_before(listing_->segments.empty() ? UINT64_MAX : listing_->segments.front()->number);
    changed_.notify_all();
  }
  for (const auto& [id, update] : batch.flows) {
    const auto flow = std::ranges::find_if(flows_, [&](const auto& f) { return f->id == id; });
    if (flow == flows_.end() || (*flow)->followers == nullptr) continue;
    (*flow)->followers->update(update);
    (*flow)->changed.notify_all();
    if (!update.ended) continue;
    count(**flow);
    flows_.erase(flow);  // what the sockets took is on its way
  }
  if (batch.gone) {
    gone_ = true;
    changed_.notify_all();
    for (const auto& flow : flows_) flow->changed.notify_all();
    flows_.clear();
  }
}

std::uint64_t StreamView::take_sent() {
  for (const auto& flow : flows_) count(*flow);
  return std::exchange(sent_, 0) + take_counted();
}

bool StreamView::tick(SteadyTime now) {
  const Patience& patience = here_.plan_->patience;
  const auto flows = flows_;
  for (const auto& flow : flows) {
    if (flow->joining > 0 || flow->followers == nullptr || flow->followers->size() > 0) flow->used = used_ = now;
    if (now - flow->used > patience.unused) close(flow);
  }
  // The registry holds one reference; whoever plays holds another.
  if (weak_from_this().use_count() > 1) used_ = now;
  return !flows_.empty() || now - used_ <= patience.unused;
}

void StreamView::close(const std::shared_ptr<FlowHere>& flow) {
  flow->followers.reset();  // before the home shard may give its bytes back
  std::erase(flows_, flow);
  const auto leave = [&home = home_, name = name(), stream = stream_, id = flow->id, shard = here_.shard_.index()] {
    if (Stream* at_home = home.find(name, stream)) at_home->close_flow(id, shard);
  };
  if (&home_ == &here_) {
    leave();
  } else {
    home_.shard_.post(leave);
  }
}

std::shared_ptr<StreamView::FlowHere> StreamView::open(const FlowForm& form, View view) {
  const auto found = std::ranges::find_if(
      flows_, [&](const auto& f) { return f->form == &form && f->view.track_ids == view.track_ids; });
  if (found != flows_.end()) return *found;

  auto flow = std::make_shared<FlowHere>();
  flow->form = &form;
  flow->view = std::move(view);
  flow->used = here_.shard_.now();
  flows_.push_back(flow);
  // Asked and answered by posts, like the batches: so none of these is missed and none comes twice.
  const auto ask = [&home = home_, name = name(), stream = stream_, &form, wanted = flow->view,
                    shard = here_.shard_.index()]() -> Result<Stream::OpenedFlow> {
    Stream* at_home = home.find(name, stream);
    if (at_home == nullptr) return fail(Errc::gone);
    return at_home->open_flow(form, wanted, shard);
  };
  if (&home_ == &here_) {
    opened(flow, ask());
  } else {
    home_.shard_.post([ask, &here = here_, self = shared_from_this(), flow]() mutable {
      here.shard_.post(
          [self = std::move(self), flow = std::move(flow), result = ask()] { self->opened(flow, result); });
    });
  }
  return flow;
}

void StreamView::opened(const std::shared_ptr<FlowHere>& flow, const Result<Stream::OpenedFlow>& result) {
  if (result) {
    flow->id = result->id;
    flow->followers =
        std::make_unique<Followers>(name(), result->map, result->lease, config_->merge_window, config_->prepush);
    flow->followers->update(result->state);
  } else {
    flow->error = result.error();
    std::erase(flows_, flow);
  }
  flow->changed.notify_all();
}

/// The flow, once a viewer can begin.
Task<Result<StreamView::Running>> StreamView::running(const FlowForm& form, View view, SteadyTime deadline) {
  const auto keep = shared_from_this();
  const auto flow = open(form, std::move(view));
  struct Joining {
    std::size_t& count;
    explicit Joining(std::size_t& c) : count(c) { ++count; }
    ~Joining() { --count; }
  } joining(flow->joining);
  WaitedFrom from;
  while (flow->followers == nullptr || !flow->followers->can_begin()) {
    if (flow->error) co_return fail(flow->error);
    if (gone_ || std::ranges::find(flows_, flow) == flows_.end()) co_return fail(Errc::gone);
    if (flow->followers != nullptr && !from.offset) from.offset = flow->followers->edge();
    if (!co_await flow->changed.wait(deadline)) co_return fail(Errc::not_running);
  }
  co_return Running{.flow = flow, .from = from};
}

Task<Result<WaitedFrom>> StreamView::ready(const FlowForm& form, View view, SteadyTime deadline) {
  const auto flow = co_await running(form, std::move(view), deadline);
  if (!flow) co_return std::unexpected(flow.error());
  co_return flow->from;
}

Task<Result<std::unique_ptr<Follower>>> StreamView::follow(const FlowForm& form, View view, net::TcpSocket& socket,
                                                           std::uint64_t& sent, WaitedFrom from, SteadyTime deadline) {
  const auto flow = co_await running(form, std::move(view), deadline);
  if (!flow) co_return std::unexpected(flow.error());
  co_return flow->flow->followers->add(socket, sent, from.offset ? from : flow->from);
}

}  // namespace sluice::stream
