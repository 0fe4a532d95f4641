#pragma once

#include "app/server_config.hpp"
#include "config/row.hpp"

namespace sluice::app {

/// `ssl_protocols VERSION...;` of a port.
config::Row<Listener> tls_versions();

/// `certificate CERT [KEY];`
config::Row<ServerConfig> tls_certificate();

}  // namespace sluice::app
