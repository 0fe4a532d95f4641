#pragma once

#include <boost/json/object.hpp>
#include <expected>
#include <optional>
#include <vector>

#include "app/server_config.hpp"
#include "config/reader.hpp"

namespace sluice::app {

// The config in the JSON of the API. What an object "has of its own" is what its block in the file says: its name, and
// what differs from the template or the server's defaults; the API calls it `config_on_disk`.

/// What the object has of its own.
boost::json::object own_json(const stream::StreamConfig& stream, const ServerConfig& config);
boost::json::object own_json(const stream::TemplateConfig& entry, const ServerConfig& config);

/// All values, wherever they come from.
boost::json::object effective_json(const stream::StreamConfig& stream);
boost::json::object effective_json(const stream::TemplateConfig& entry);

/// The object that has `json` of its own in `config`, whose templates and defaults it takes; or nothing after a
/// message.
std::optional<stream::StreamConfig> read_stream(config::Reader& in, const boost::json::object& json,
                                                const ServerConfig& config);
std::optional<stream::TemplateConfig> read_template(config::Reader& in, const boost::json::object& json,
                                                    const ServerConfig& config);

/// The whole config; streams and templates as they have it of their own.
boost::json::object to_json(const ServerConfig& config);

/// What to_json() gave, read and checked as a file is checked.
std::expected<ServerConfig, std::vector<config::Diagnostic>> config_from_json(const boost::json::object& json);

}  // namespace sluice::app
