#pragma once

#include <span>

#include "config/schema.hpp"
#include "stream/input_schema.hpp"
#include "stream/stream_config.hpp"

namespace sluice::protocol {

/// Every scheme of `input` that the specification knows, with the options of those that are built.
std::span<const stream::InputScheme> input_schemes();

/// What may stand in a `stream` block, with these schemes for its inputs. Made once.
const config::Schema<stream::StreamConfig>& stream_schema();

/// What may stand in a `template` block.
const config::Schema<stream::TemplateConfig>& template_schema();

}  // namespace sluice::protocol
