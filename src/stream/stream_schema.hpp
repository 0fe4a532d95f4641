#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/schema.hpp"
#include "stream/input_schema.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// What may stand in a `stream` block. `schemes` is every scheme that `input` knows of.
config::Schema<StreamConfig> stream_schema(std::span<const InputScheme> schemes);

/// What may stand in a `template` block: everything of `stream`, and prefixes.
config::Schema<TemplateConfig> template_schema(const config::Schema<StreamConfig>& stream);

/// A stream's or template's name, where a name is an argument.
config::Kind<std::string> stream_name();

/// The `stream` block of a config file that gives `stream` where `base` (the server's defaults or the template) is
/// given.
std::string to_text(const config::Schema<StreamConfig>& schema, const StreamConfig& stream, const StreamConfig& base);

}  // namespace sluice::stream
