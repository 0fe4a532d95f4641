#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/network.hpp"

namespace sluice::access {

/// A name and a password of the config; the password plain or hashed, see password.hpp.
struct Login {
  std::string login;
  std::string password;

  bool operator==(const Login&) const = default;
};

/// Who may use the API, as configured.
struct ApiAccess {
  std::optional<Login> view_auth;         ///< reads
  std::optional<Login> edit_auth;         ///< reads and changes
  std::vector<Network> api_allowed_from;  ///< nobody else, whatever he knows; empty: everybody

  bool operator==(const ApiAccess&) const = default;
};

}  // namespace sluice::access
