#pragma once

#include "core/task.hpp"
#include "net/http.hpp"

namespace sluice::api {

/// Compresses the body of `response` if that is worth the work, a piece at a time, with yields between them.
/// REQUIRES: the body is one range of memory, or empty.
Task<void> gzip(net::HttpResponse& response);

}  // namespace sluice::api
