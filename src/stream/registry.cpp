#include "stream/registry.hpp"

#include <algorithm>
#include <map>

#include "core/assert.hpp"
#include "core/log.hpp"
#include "core/slices.hpp"
#include "stream/name.hpp"
#include "stream/remote_feed.hpp"
#include "stream/stream.hpp"
#include "stream/stream_view.hpp"

namespace sluice::stream {
namespace {

constexpr unsigned kTicksOfViews = 10;  // views are looked at less often than streams

UtcTime system_utc() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

constexpr auto kSlice = std::chrono::microseconds(500);  // of a change of the plan, before others have their turn

bool is_publish(const InputConfig& input) { return input.scheme == "publish"; }

}  // namespace

Registry::Registry(Shard& shard, std::shared_ptr<const StreamPlan> plan)
    : shard_(shard), plan_(std::move(plan)), clock_(std::chrono::steady_clock::now(), system_utc()) {}

Registry::~Registry() {
  tasks_.cancel();
  // Out of the table first: what a stream's inputs say when they end finds no stream any more.
  while (!streams_.empty()) streams_.extract(streams_.begin());
}

void Registry::start(std::span<Registry* const> all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    SLUICE_ASSERT(all[i]->shard_.index() == i, "registries in the order of their shards");
    all[i]->all_.assign(all.begin(), all.end());
  }
  for (Registry* registry : all) {
    registry->shard_.post([&self = *registry] {
      self.publishers_awaited_until_ = self.shard_.now() + self.plan_->patience.for_publishers;
      for (const StreamConfig& config : self.plan_->streams) {
        if (&self.home_of(config.name) == &self) self.configure(config.name, &config);
      }
      self.tasks_.spawn(self.keep_time());
    });
  }
}

Registry& Registry::home_of(std::string_view name) const {
  return *all_[std::hash<std::string_view>{}(name) % all_.size()];
}

Stream* Registry::find(const std::string& name) {
  const auto it = streams_.find(name);
  return it == streams_.end() ? nullptr : it->second.get();
}

Stream* Registry::find(const std::string& name, std::uint64_t id) {
  Stream* stream = find(name);
  return stream != nullptr && stream->id() == id ? stream : nullptr;
}

std::uint64_t Registry::next_id() { return (std::uint64_t{shard_.index()} << 48) + ++last_id_; }

/// On the home shard: the config of that stream, or of the one that a template makes of the name.
Result<std::shared_ptr<const StreamConfig>> Registry::config_of(const std::string& name) {
  std::shared_ptr<const StreamConfig> config;
  if (const Stream* stream = find(name)) {
    config = stream->config();
  } else if (auto made = make_from_template(plan_->templates, name)) {
    config = std::make_shared<const StreamConfig>(std::move(*made));
  }
  if (config == nullptr || config->disabled) return fail(Errc::not_found);
  return config;
}

Stream& Registry::find_or_make(std::shared_ptr<const StreamConfig> config) {
  auto& stream = streams_[config->name];
  if (stream == nullptr) stream = std::make_unique<Stream>(*this, std::move(config), true);
  return *stream;
}

bool Registry::expects(const std::string& name) {
  const auto now = shard_.now();
  return now < publishers_awaited_until_ && plan_->numbers && plan_->numbers->was_on_air(name, clock_.at(now));
}

// --- another plan -------------------------------------------------------------------------------------------------

Task<void> Registry::apply(std::span<Registry* const> all, PlanChange change) {
  const auto shared = std::make_shared<const PlanChange>(std::move(change));
  std::vector<std::shared_ptr<Pending>> waiting;
  for (Registry* registry : all) {
    waiting.push_back(std::make_shared<Pending>(Shard::current()));
    registry->shard_.post([registry, shared, pending = waiting.back()] {
      registry->tasks_.spawn(registry->take_plan_for(pending, shared));
    });
  }
  for (const auto& pending : waiting) {
    while (!pending->finished) co_await pending->done.wait();
  }
  for (const auto& pending : waiting) {
    if (pending->exception) std::rethrow_exception(pending->exception);
  }
}

Task<void> Registry::take_plan_for(std::shared_ptr<Pending> pending, std::shared_ptr<const PlanChange> change) {
  try {
    co_await take_plan(std::move(change));
  } catch (...) {
    pending->exception = std::current_exception();
  }
  pending->waiting.post([pending] {
    pending->finished = true;
    pending->done.notify_all();
  });
}

/// In slices: a change of thousands of streams holds up nobody's frames.
Task<void> Registry::take_plan(std::shared_ptr<const PlanChange> change) {
  plan_ = change->plan;
  std::map<std::string, const StreamConfig*> streams;
  for (const auto& [name, config] : change->streams) {
    if (&home_of(name) == this) streams.emplace(name, config);
  }
  if (change->templates) {
    for (const auto& [name, stream] : streams_) {
      if (stream->by_template()) streams.emplace(name, nullptr);
    }
  }
  auto began = std::chrono::steady_clock::now();
  for (const auto& [name, config] : streams) {
    configure(name, config);
    if (std::chrono::steady_clock::now() - began < kSlice) continue;
    co_await yield();
    began = std::chrono::steady_clock::now();
  }
}

/// On the home shard: the stream of that name runs by `config` from now on; null: by what a template makes of it.
void Registry::configure(const std::string& name, const StreamConfig* config) {
  std::shared_ptr<const StreamConfig> next;
  if (config != nullptr) {
    next = std::make_shared<const StreamConfig>(*config);
  } else if (auto made = make_from_template(plan_->templates, name)) {
    next = std::make_shared<const StreamConfig>(std::move(*made));
  }
  const bool by_template = config == nullptr;
  if (Stream* stream = find(name)) {
    if (next != nullptr && next->disabled == stream->config()->disabled) return stream->set_config(next, by_template);
    stream->leave_all();
    streams_.extract(name);  // out of the table first, as when the server ends
  }
  if (next == nullptr || by_template) return;
  const auto made = streams_.emplace(name, std::make_unique<Stream>(*this, std::move(next), false)).first;
  if (config->is_static) made->second->start_inputs();
}

// --- playing ------------------------------------------------------------------------------------------------------

Task<Result<std::shared_ptr<Media>>> Registry::resolve(std::string name) {
  if (!valid_stream_name(name)) co_return fail(Errc::bad_name);
  if (const auto view = views_.find(name); view != views_.end()) co_return std::shared_ptr<Media>(view->second);

  auto& slot = openings_[name];
  const bool first = slot == nullptr;
  if (first) slot = std::make_shared<Opening>();
  const auto opening = slot;
  if (first) {
    Registry& home = home_of(name);
    const auto shard = shard_.index();
    if (&home == this) {
      opened(name, home, attach(name, shard));
    } else {
      // By posts, like the batches that follow it, so that none of them is missed.
      home.shard_.post([&here = *this, &home, name, shard] {
        here.shard_.post([&here, &home, name, attached = home.attach(name, shard)]() mutable {
          here.opened(name, home, std::move(attached));
        });
      });
    }
  }
  while (!opening->finished) co_await opening->done.wait();
  if (opening->error) co_return fail(opening->error);
  co_return std::shared_ptr<Media>(opening->view);
}

Result<Registry::Attached> Registry::attach(const std::string& name, std::size_t shard) {
  const auto config = config_of(name);
  if (!config) return std::unexpected(config.error());
  // A template that only takes publishers makes a stream for a publisher alone: viewers leave nothing behind.
  const bool waits = std::ranges::all_of((*config)->inputs, is_publish);
  if (find(name) == nullptr && waits && !expects(name)) return fail(Errc::not_found);
  Stream& stream = find_or_make(*config);
  return Attached{.stream = stream.id(), .config = stream.config(), .listing = stream.attach(shard)};
}

void Registry::opened(const std::string& name, Registry& home, Result<Attached> attached) {
  const auto node = openings_.extract(name);
  Opening& opening = *node.mapped();
  if (attached) {
    opening.view = std::make_shared<StreamView>(*this, home, attached->stream, attached->config, attached->listing);
    views_[name] = opening.view;
  } else {
    opening.error = attached.error();
  }
  opening.finished = true;
  opening.done.notify_all();
}

void Registry::take(const std::string& name, const StreamBatch& batch) {
  const auto it = views_.find(name);
  if (it == views_.end()) return;
  const auto view = it->second;  // taking the last batch may end it
  if (batch.gone) views_.erase(it);
  view->take(batch);
}

// --- publishing ---------------------------------------------------------------------------------------------------

Task<Result<std::unique_ptr<Feed>>> Registry::publish(PublishRequest request) {
  if (!valid_stream_name(request.name)) co_return fail(Errc::bad_name);
  Registry& home = home_of(request.name);
  const auto source = next_id();
  auto signal = std::make_shared<SourceSignal>(shard_);
  // Made first: if the publisher leaves before the answer comes, its end follows connect() and takes that back.
  auto feed = std::make_unique<RemoteFeed>(home, request.name, source, signal);
  const auto connected =
      co_await call_on(home.shard_, [&home, request, source, signal] { return home.connect(request, source, signal); });
  if (!connected) co_return std::unexpected(connected.error());
  co_return std::move(feed);
}

Result<void> Registry::connect(const PublishRequest& request, std::uint64_t source,
                               std::shared_ptr<SourceSignal> signal) {
  const auto config = config_of(request.name);
  if (!config) return std::unexpected(config.error());
  const auto input = std::ranges::find_if((*config)->inputs, is_publish);
  if (input == (*config)->inputs.end()) return fail(Errc::not_publishable);
  if (!(*config)->password.empty() && (*config)->password != request.password) return fail(Errc::wrong_password);
  find_or_make(*config).connect(source, request.proto + "://" + request.ip, *input, std::move(signal));
  return {};
}

// --- time ---------------------------------------------------------------------------------------------------------

Task<void> Registry::keep_time() {
  unsigned turns = 0;
  for (;;) {
    co_await sleep_for(plan_->patience.tick);
    const auto now = shard_.now();
    tick_streams(now);
    if (++turns % kTicksOfViews != 0) continue;
    clock_.discipline(now, system_utc());
    tick_views(now);
  }
}

void Registry::tick_streams(SteadyTime now) {
  for (auto it = streams_.begin(); it != streams_.end();) {
    if (it->second->tick(now)) {
      ++it;
      continue;
    }
    // Whoever still looks learns that it is gone; a configured stream begins anew when somebody asks for it.
    const auto config = it->second->config();
    it->second->leave_all();
    if (std::ranges::find(plan_->streams, it->first, &StreamConfig::name) != plan_->streams.end()) {
      it->second = std::make_unique<Stream>(*this, config, false);
      ++it;
    } else {
      it = streams_.erase(it);
    }
  }
}

void Registry::tick_views(SteadyTime now) {
  for (auto it = views_.begin(); it != views_.end();) {
    const auto& view = it->second;
    const SlowViewers slow = view->take_slow();
    const bool used = view->tick(now);
    Registry& home = home_of(it->first);
    const auto tell = [&home, name = it->first, shard = shard_.index(), used, last_use = view->used(),
                       viewers = view->viewers(), awaited = view->take_awaited(), slow, sent = view->take_sent()] {
      Stream* stream = home.find(name);
      if (stream == nullptr) return;
      stream->count_slow(slow);
      stream->count_sent(sent);
      if (used) {
        stream->set_demand(shard, viewers, awaited);
      } else {
        stream->detach(shard, last_use);
      }
    };
    it = used ? std::next(it) : views_.erase(it);
    if (&home == this) {
      tell();
    } else {
      home.shard_.post(tell);
    }
  }
}

// --- status -------------------------------------------------------------------------------------------------------

Task<std::vector<StreamStatus>> Registry::own_status() {
  std::vector<std::string> names;
  names.reserve(streams_.size());
  for (const auto& [name, stream] : streams_) names.push_back(name);
  std::vector<StreamStatus> out;
  out.reserve(names.size());
  Slices slices;
  for (const std::string& name : names) {
    if (slices.due()) co_await slices.next();
    if (const Stream* stream = find(name)) out.push_back(stream->status(shard_.now()));
  }
  co_return out;
}

Task<std::vector<StreamStatus>> Registry::status() {
  std::vector<StreamStatus> out;
  for (Registry* registry : all_) {
    auto part = co_await run_on(registry->shard_, registry->tasks_, [registry] { return registry->own_status(); });
    std::ranges::move(part, std::back_inserter(out));
  }
  co_return out;
}

Task<std::optional<StreamStatus>> Registry::status(std::string name) {
  Registry& home = home_of(name);
  co_return co_await call_on(home.shard_, [&home, name]() -> std::optional<StreamStatus> {
    const Stream* stream = home.find(name);
    return stream == nullptr ? std::nullopt : std::optional(stream->status(home.shard_.now()));
  });
}

// --- stopping -----------------------------------------------------------------------------------------------------

Task<bool> Registry::stop(std::string name) {
  Registry& home = home_of(name);
  co_return co_await call_on(home.shard_, [&home, name] { return home.stop_own(name); });
}

bool Registry::stop_own(const std::string& name) {
  Stream* stream = find(name);
  if (stream == nullptr) return false;
  stream->leave_all();
  streams_.extract(name);  // out of the table first, as when the server ends
  const auto configured = std::ranges::find(plan_->streams, name, &StreamConfig::name);
  configure(name, configured == plan_->streams.end() ? nullptr : &*configured);
  return true;
}

}  // namespace sluice::stream
