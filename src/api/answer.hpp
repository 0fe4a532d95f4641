#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "net/http.hpp"

namespace sluice::api {

/// The answer that consists of `value`.
net::HttpResponse json_answer(const boost::json::value& value);

/// The same for JSON that is text already.
net::HttpResponse json_text_answer(std::string_view text);

/// `{"error":"not_found","name":"..."}`: a refusal in one word, and what it is about (empty: nothing more to say).
net::HttpResponse error_answer(unsigned status, std::string_view error, std::string_view name = {});

/// 204: it was done, and there is nothing to say.
net::HttpResponse done_answer();

}  // namespace sluice::api
