#pragma once

#include <string>

#include "api/endpoint.hpp"
#include "api/open_metrics.hpp"

namespace sluice::api {

/// `metrics`: everything that is measured, as OpenMetrics.
std::span<const Endpoint> metrics_endpoints();

/// What `streams` answers to who wants OpenMetrics: the measurements of all streams.
Task<net::HttpResponse> stream_metrics(const Context& api);
/// What `config` and `config/stats` answer to who wants OpenMetrics: the measurements of the server and of its shards.
Task<net::HttpResponse> server_metrics(const Context& api);

/// The reference page of all measurements, as Markdown.
std::string metrics_reference();

}  // namespace sluice::api
