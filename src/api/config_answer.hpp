#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <expected>
#include <string_view>

#include "api/config_access.hpp"
#include "api/endpoint.hpp"
#include "net/http.hpp"

namespace sluice::api {

/// The answer that consists of `value`, without the secrets in it where who asks may only read.
net::HttpResponse config_answer(const Call& call, boost::json::value value);

/// The JSON object in the body of a request, or the refusal: 400.
std::expected<boost::json::object, net::HttpResponse> json_body(const net::HttpRequest& request);

/// 400: what is wrong with the JSON that somebody sent; each error names the value by a JSON Pointer. 503 where the
/// config could not be saved.
net::HttpResponse refusal(const ConfigErrors& errors);

/// 400: where the first error of a config text is, what it is about, and the part that could be read; then all of them.
net::HttpResponse text_refusal(const ConfigErrors& errors, boost::json::object config = {});

}  // namespace sluice::api
