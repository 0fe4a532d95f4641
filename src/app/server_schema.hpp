#pragma once

#include <string>
#include <string_view>

#include "app/server_config.hpp"
#include "config/schema.hpp"

namespace sluice::app {

/// The whole config language, from its outermost place. Made once.
const config::Schema<ServerConfig>& server_schema();

/// The template of that name, or null.
const stream::TemplateConfig* find_template(const ServerConfig& config, std::string_view name);

/// The message on a template that is not there.
std::string unknown_template(const ServerConfig& config, std::string_view name);

/// `config` as a file that is read back as the same.
std::string to_text(const ServerConfig& config);

/// docs/reference/config.md.
std::string config_reference();

}  // namespace sluice::app
