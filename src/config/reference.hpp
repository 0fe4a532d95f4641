#pragma once

#include <string>

#include "config/row_info.hpp"

namespace sluice::config {

/// The reference page of the language whose outermost place is `root`, as Markdown: a section for each place.
std::string reference_markdown(const SchemaInfo& root);

}  // namespace sluice::config
