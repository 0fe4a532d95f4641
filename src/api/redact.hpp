#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace sluice::api {

/// Who may only read the API sees no secrets. What is one is decided here, by names, for everything that the API says:
/// a value called `password`, `token` and the like is left out wherever it stands, and texts lose the user and password
/// of a URL and the secrets among its parameters. So a new field or directive of such a name is safe before anybody
/// thinks of it.

/// Whether a value of that name is a secret. `name` may have dots: any of its parts counts.
bool is_secret(std::string_view name);

/// `value`, called `name`, as a reader may see it: null for a secret, else without the secrets in it.
void redact(std::string_view name, boost::json::value& value);

/// The text without what stands before `@` in a URL, and without the values of secret parameters, which become `***`.
std::string without_secrets(std::string_view text);

}  // namespace sluice::api
