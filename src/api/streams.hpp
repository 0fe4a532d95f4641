#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/endpoint.hpp"
#include "api/field.hpp"
#include "stream/registry.hpp"

namespace sluice::api {

/// A stream as the API shows it.
struct StreamItem {
  stream::StreamStatus status;
  std::size_t viewers = 0;              ///< open play sessions, on all shards
  std::optional<std::size_t> position;  ///< in the config; nothing for what a template made
};

/// What is shown and measured of a stream.
const Fields<StreamItem>& stream_fields();

/// All streams: those of the configuration and those that templates have made.
Task<std::vector<StreamItem>> gather_streams(const Context& api);

/// One of them; nothing where there is none of that name.
Task<std::optional<StreamItem>> gather_stream(const Context& api, std::string name);

/// `GET streams`.
std::span<const Endpoint> stream_endpoints();

}  // namespace sluice::api
