#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "access/session.hpp"
#include "api/endpoint.hpp"
#include "api/field.hpp"

namespace sluice::api {

/// What is shown of a session.
const Fields<access::SessionStatus>& session_fields();

/// Who plays and publishes now, on all shards.
Task<std::vector<access::SessionStatus>> gather_sessions(const Context& api);

/// How many play each media, by its name.
Task<std::unordered_map<std::string, std::size_t>> count_viewers(const Context& api);

/// `sessions`, and `sessions/{id}` to look at one or to close it.
std::span<const Endpoint> session_endpoints();

}  // namespace sluice::api
