#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string_view>

#include "api/endpoint.hpp"

namespace sluice::api {

/// The OpenAPI 3.1 document of these endpoints: what they take and answer comes from the rows of the config
/// (`config_schemas`: components by name) and of what is shown and measured.
boost::json::object openapi_document(std::span<const Endpoint> endpoints, boost::json::object config_schemas,
                                     std::string_view version);

/// `schema`: the document of this server.
std::span<const Endpoint> openapi_endpoints();

}  // namespace sluice::api
