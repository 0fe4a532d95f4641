#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace sluice::api {

/// Whether the page at `path` is one that is told of the server.
bool is_told(std::string_view path);

/// What a request for a page, or for a file of one, is answered with; nothing where the path belongs to neither. The
/// landing page is at `/`, the console at `/admin`, the player at `/NAME/embed.html`.
///
/// `server_info` makes what the first two are told of the server (api/server_info.hpp); null: the listener has no API,
/// and so neither of them.
std::optional<net::HttpResponse> page_answer(const net::HttpRequest& request,
                                             const std::function<std::string()>& server_info);

}  // namespace sluice::api
