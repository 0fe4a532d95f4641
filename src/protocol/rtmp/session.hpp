#pragma once

#include "access/sessions.hpp"
#include "core/task.hpp"
#include "net/socket.hpp"
#include "stream/registry.hpp"

namespace sluice::rtmp {

/// Serves one RTMP connection, publisher or player, until either side ends it. `registry` and `sessions` are those of
/// the current shard and outlive the task.
Task<void> serve(net::TcpSocket socket, stream::Registry& registry, access::Sessions& sessions);

}  // namespace sluice::rtmp
