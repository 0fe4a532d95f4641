#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "stream/feed.hpp"
#include "stream/number_keeper.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// What an input scheme does: feeds frames until it cannot go on, then returns; it is started again later. Runs on the
/// stream's home shard. One row a scheme, in a table that app/ hands in.
struct InputDriver {
  std::string_view scheme;
  Task<void> (*pull)(const InputConfig& input, Feed& feed);
};

/// How long what nobody needs is kept, and what failed is left alone.
struct Patience {
  std::chrono::nanoseconds tick = std::chrono::milliseconds(100);  ///< between two looks at every stream
  std::chrono::nanoseconds unused = std::chrono::seconds(10);      ///< a view or a flow that nobody uses stays so long
  /// What was served stays so long after its last source left; then the stream begins a new life, or is gone.
  std::chrono::nanoseconds without_source = std::chrono::seconds(30);
  /// And at least so many lengths of its playlist: whoever loaded the last one can play it (RFC 8216bis section 6.2.1).
  int without_source_playlists = 1;
  /// So long after the server's start publishers are taken to be on their way back: those of configured streams, and of
  /// streams that a template made and that were on air lately.
  std::chrono::nanoseconds for_publishers = std::chrono::seconds(10);
  /// A source without a frame for so long is silent: what came before is no place for a viewer of a flow to begin.
  std::chrono::nanoseconds silent = std::chrono::seconds(5);
  std::chrono::nanoseconds first_retry = std::chrono::milliseconds(500);  ///< of an input; doubles while it fails
  std::chrono::nanoseconds longest_retry = std::chrono::seconds(10);
};

/// The streams that a server is configured with. Immutable, and shared by all shards: a reload makes the next one.
struct StreamPlan {
  std::vector<StreamConfig> streams;
  std::vector<TemplateConfig> templates;
  std::vector<InputDriver> drivers;
  Patience patience;
  std::shared_ptr<NumberKeeper> numbers;  ///< null: none is remembered over a restart
};

/// What a stream has to do to run by another config.
enum class ConfigChange : std::uint8_t {
  none,
  in_place,  ///< it goes on: viewers and sources that the new config still has notice nothing
  new_life   ///< its segments begin anew: what is fixed for the life of a stream is another
};
ConfigChange change_between(const StreamConfig& before, const StreamConfig& after);

/// The way from one plan to the next: what neither names nor a changed template makes is not touched.
struct PlanChange {
  struct Entry {
    std::string name;
    const StreamConfig* config = nullptr;  ///< of `plan`; null: it is not configured any more
  };
  std::shared_ptr<const StreamPlan> plan;  ///< the next one
  std::vector<Entry> streams;              ///< new, different or gone
  bool templates = false;                  ///< whether one differs, so that streams made from templates may
};
PlanChange change_of(const StreamPlan& before, std::shared_ptr<const StreamPlan> after);

}  // namespace sluice::stream
