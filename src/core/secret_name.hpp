#pragma once

#include <string_view>

namespace sluice {

/// Whether what has that name is a secret, by the last part of it: "token", "access_token", "X-Api-Key". Logs and the
/// API decide by this alone what they mask and leave out.
bool is_secret_name(std::string_view name);

}  // namespace sluice
