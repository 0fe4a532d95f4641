#include "app/server_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "app/server_schema.hpp"
#include "config/syntax.hpp"

namespace sluice::app {
namespace {

using config::Fault;
using config::Origin;
using config::Reader;
using config::shown;
using config::Statement;

/// Whether nobody can listen on the one while somebody listens on the other. "::" is taken with IPv4, as is no address.
bool have_one_in_common(std::string_view a, std::string_view b) {
  const auto all_of = [](std::string_view every, std::string_view other) {
    return every.empty() || every == "::" || (every == "0.0.0.0" && !other.contains(':'));
  };
  return a == b || all_of(a, b) || all_of(b, a);
}

/// Refuses a port that is asked for twice.
class PortCheck {
 public:
  explicit PortCheck(Reader& in) : in_(in) {}

  void add(std::string_view protocol, const std::vector<Listener>& listeners) {
    for (const Listener& listener : listeners) {
      auto& users = ports_[listener.port];
      const auto other = std::ranges::find_if(
          users, [&](const auto& user) { return have_one_in_common(user.first, listener.address); });
      if (other != users.end()) {
        const bool shared = other->second.protocol != protocol;
        in_.error(listener.origin.at,
                  fmt::format("port {} is already taken by '{}'{}{}", listener.port, other->second.protocol,
                              in_.in_line(other->second.origin.at, listener.origin.at),
                              shared ? "; a port for two protocols is not supported yet" : ""),
                  {}, Fault::repeated);
      }
      users.emplace(listener.address, User{protocol, listener.origin});
    }
  }

 private:
  struct User {
    std::string_view protocol;
    Origin origin;
  };
  Reader& in_;
  std::map<std::uint16_t, std::map<std::string, User>> ports_;
};

/// Refuses a name that is given twice.
class NameCheck {
 public:
  NameCheck(Reader& in, std::string_view what) : in_(in), what_(what) {}

  void add(const std::string& name, Origin origin) {
    const auto [first, fresh] = names_.emplace(name, origin);
    if (!fresh) {
      in_.error(origin.at,
                fmt::format("{} {} is already defined{}", what_, shown(name), in_.in_line(first->second.at, origin.at)),
                {}, Fault::repeated);
    }
  }

 private:
  Reader& in_;
  std::string_view what_;
  std::map<std::string, Origin> names_;
};

/// Reads first what streams and templates start from, then the templates that streams name, then the streams: the order
/// in the file does not matter.
void read(Reader& in, std::vector<Statement> statements, ServerConfig& config) {
  const auto& schema = server_schema();
  std::vector<Statement> others;
  std::vector<Statement> templates;
  std::vector<Statement> streams;
  for (Statement& statement : in.current_form(std::move(statements), schema.rewrites())) {
    auto& into = statement.name == "template" ? templates : statement.name == "stream" ? streams : others;
    into.push_back(std::move(statement));
  }
  for (auto* part : {&others, &templates, &streams}) schema.read(in, std::move(*part), config);
}

}  // namespace

void check(Reader& in, const ServerConfig& config) {
  PortCheck ports(in);
  ports.add("http", config.http);
  ports.add("https", config.https);
  ports.add("rtmp", config.rtmp);
  ports.add("rtmps", config.rtmps);

  NameCheck streams(in, "stream");
  for (const auto& stream : config.streams) streams.add(stream.name, stream.origin);
  NameCheck templates(in, "template");
  NameCheck prefixes(in, "prefix");
  for (const auto& entry : config.templates) {
    templates.add(entry.options.name, entry.options.origin);
    for (const auto& prefix : entry.prefixes) prefixes.add(prefix, entry.options.origin);
  }
}

log::Options log_options(const ServerConfig& config) {
  const auto level = [&] {
    switch (config.loglevel) {
      case LogLevel::debug: return log::Level::debug;
      case LogLevel::info: return log::Level::info;
      case LogLevel::notice: return log::Level::notice;
      case LogLevel::warning: return log::Level::warning;
      case LogLevel::error: return log::Level::error;
      default: return log::Level::none;  // nothing of ours is graver
    }
  };
  return {.level = level(),
          .format = config.log_format,
          .requests = config.log_requests,
          .requests_file = config.access_log};
}

ServerConfig read_statements(Reader& in, std::vector<Statement> statements) {
  ServerConfig config;
  read(in, std::move(statements), config);
  check(in, config);
  return config;
}

}  // namespace sluice::app
