#include "access/api_access_schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/password.hpp"

namespace sluice::access {
namespace {

using config::Kind;
using config::Printer;
using config::Reader;
using config::Row;
using config::Statement;

Kind<std::string> login_name() {
  auto kind = config::text("LOGIN", 64);
  kind.expected = "a name without ':'";
  kind.parse = [](std::string_view text) -> std::optional<std::string> {
    const bool good = !text.empty() && text.size() <= 64 && text.find(':') == std::string_view::npos;
    return good ? std::optional(std::string(text)) : std::nullopt;
  };
  return kind;
}

Kind<std::string> password() {
  auto kind = config::text("PASSWORD", 512);
  kind.expected = "a password, or its hash as `sluice hash-password` prints it";
  kind.parse = [](std::string_view text) -> std::optional<std::string> {
    return text.size() <= 512 && is_usable(text) ? std::optional(std::string(text)) : std::nullopt;
  };
  return kind;
}

Row<ApiAccess> login_row(const std::string& name, std::optional<Login> ApiAccess::* member, std::string doc) {
  Row<ApiAccess> row{.info = {.name = name, .syntax = "LOGIN PASSWORD", .doc = std::move(doc)}};
  row.read = [member](Reader& in, const Statement& statement, ApiAccess& target) {
    if (!in.ends_after(statement, 2)) return;
    auto login = in.argument(statement, 0, login_name());
    if (!login) return;
    auto secret = in.argument(statement, 1, password());
    if (secret) target.*member = Login{.login = *std::move(login), .password = *std::move(secret)};
  };
  row.unset = [member](ApiAccess& target) { (target.*member).reset(); };
  row.write = [name, member](Printer& out, const ApiAccess& value, const ApiAccess& base) {
    if (value.*member == base.*member) return;
    const auto& login = value.*member;
    out.statement(name, login ? std::vector{config::as_word(login->login), config::as_word(login->password)}
                              : std::vector<std::string>{"false"});
  };
  row.info.json.schema = {
      {"type", "object"},
      {"properties",
       {{"login", config::schema_of(login_name().json)}, {"password", config::schema_of(password().json)}}},
      {"required", boost::json::array{"login", "password"}}};
  row.to_json = [member](const ApiAccess& from, auto...) -> boost::json::value {
    const auto& login = from.*member;
    if (!login) return nullptr;
    return boost::json::object{{"login", login->login}, {"password", login->password}};
  };
  row.from_json = [member](Reader& in, const boost::json::value& json, ApiAccess& target) {
    const auto* object = in.object(json);
    if (object == nullptr) return;
    const auto part = [&](std::string_view name, const Kind<std::string>& kind) {
      const auto step = in.enter(name);
      const auto* value = object->if_contains(name);
      return in.value(value == nullptr ? boost::json::value() : *value, kind);
    };
    auto login = part("login", login_name());
    auto secret = part("password", password());
    if (login && secret) target.*member = Login{.login = *std::move(login), .password = *std::move(secret)};
  };
  return row;
}

Row<ApiAccess> allowed_row() {
  const std::string name = "api_allowed_from";
  Row<ApiAccess> row{.info = {.name = name,
                              .syntax = "NETWORK...",
                              .doc =
                                  "The networks that may use the API, `10.0.0.0/8` or short `10/8`; nobody else may, "
                                  "with any login.",
                              .repeatable = true}};
  const Kind<Network> network{.syntax = "NETWORK",
                              .expected = "an address, or a network as 10.0.0.0/8 or fd00::/8",
                              .parse = Network::parse,
                              .print = [](const Network& value) { return value.print(); }};
  row.read = [network](Reader& in, const Statement& statement, ApiAccess& target) {
    if (statement.args.empty()) (void)in.argument(statement, 0, network);
    if (!in.ends_after(statement, statement.args.size())) return;
    for (std::size_t i = 0; i < statement.args.size(); ++i) {
      if (const auto one = in.argument(statement, i, network)) target.api_allowed_from.push_back(*one);
    }
  };
  row.unset = [](ApiAccess& target) { target.api_allowed_from.clear(); };
  row.write = [name](Printer& out, const ApiAccess& value, const ApiAccess& base) {
    if (value.api_allowed_from == base.api_allowed_from) return;
    if (value.api_allowed_from.empty()) out.statement(name, std::vector<std::string>{"false"});
    for (const Network& one : value.api_allowed_from) out.statement(name, std::vector{one.print()});
  };
  row.info.json = {.path = name, .schema = {{"type", "array"}, {"items", config::schema_of(network.json)}}};
  row.to_json = [](const ApiAccess& from, auto...) -> boost::json::value {
    if (from.api_allowed_from.empty()) return nullptr;
    boost::json::array out;
    for (const Network& one : from.api_allowed_from) out.emplace_back(one.print());
    return out;
  };
  row.from_json = [network](Reader& in, const boost::json::value& json, ApiAccess& target) {
    target.api_allowed_from.clear();
    const auto* entries = in.array(json);
    for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i) {
      const auto step = in.enter(i);
      if (const auto one = in.value((*entries)[i], network)) target.api_allowed_from.push_back(*one);
    }
  };
  return row;
}

}  // namespace

const config::Schema<ApiAccess>& api_access_schema() {
  static const auto schema = [] {
    config::Schema<ApiAccess> out("api access", "directive", "Who may use the API.");
    out.add(login_row("edit_auth", &ApiAccess::edit_auth, "Who may read and change everything by the API."))
        .add(login_row("view_auth", &ApiAccess::view_auth, "Who may read everything but secrets by the API."))
        .add(allowed_row());
    return out;
  }();
  return schema;
}

}  // namespace sluice::access
