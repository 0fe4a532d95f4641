#pragma once

#include <expected>
#include <vector>

#include "app/config_files.hpp"
#include "app/server_config.hpp"

namespace sluice::app {

/// The files of `source` that have to change so that it says `after` instead of `before`, with their new text. In them
/// only the statements of objects that differ are replaced or removed, each in the file in which it stands; new ones
/// come at the end of the main file; comments and layout of all the rest stay.
///
/// An object that is the same in both keeps its own text: what of it comes from a template or from the server's
/// defaults goes with these. Fails where what would be saved does not say that, for example because a name is there
/// twice or an environment variable says otherwise; the errors are those of the text that would have been saved.
///
/// REQUIRES: `before` is parse_config(source).
std::expected<std::vector<ConfigFile>, std::vector<config::Diagnostic>> edit_source(const ConfigSource& source,
                                                                                    const ServerConfig& before,
                                                                                    const ServerConfig& after);

}  // namespace sluice::app
