#include "app/tls_schema.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sluice::app {
namespace {

namespace json = boost::json;

using config::Printer;
using config::Reader;
using config::Row;
using config::Statement;

using Version = bool net::TlsVersions::*;

constexpr std::array kVersions{
    std::pair("tlsv1", &net::TlsVersions::tls1_0), std::pair("tlsv1.1", &net::TlsVersions::tls1_1),
    std::pair("tlsv1.2", &net::TlsVersions::tls1_2), std::pair("tlsv1.3", &net::TlsVersions::tls1_3)};
constexpr net::TlsVersions kNone{.tls1_2 = false, .tls1_3 = false};

config::Kind<Version> version() {
  return config::one_of(std::vector<std::pair<std::string, Version>>(kVersions.begin(), kVersions.end()));
}

std::vector<std::string> names_of(const net::TlsVersions& versions) {
  std::vector<std::string> out;
  for (const auto& [name, member] : kVersions) {
    if (versions.*member) out.emplace_back(name);
  }
  return out;
}

config::Kind<std::string> file() { return config::text("FILE"); }

std::optional<CertificateRow> certificate_from(Reader& in, const json::object& from) {
  CertificateRow made;
  for (const auto& [name, member] :
       {std::pair("certificate", &CertificateRow::certificate), std::pair("key", &CertificateRow::key)}) {
    const auto* found = from.if_contains(name);
    if (found == nullptr && member == &CertificateRow::key) continue;
    const auto step = in.enter(std::string_view(name));
    auto text = in.value(found == nullptr ? json::value() : *found, file());
    if (!text) return std::nullopt;
    made.*member = *std::move(text);
  }
  return made;
}

}  // namespace

Row<Listener> tls_versions() {
  Row<Listener> row{
      .info = {.name = "ssl_protocols",
               .syntax = version().syntax + " ...",
               .default_value = "tlsv1.2 tlsv1.3",
               .doc = "The versions of TLS that are spoken. Those before 1.2 are for very old clients alone."}};
  row.info.json.schema = {
      {"type", "array"}, {"items", config::schema_of(version().json)}, {"minItems", 1}, {"maxItems", kVersions.size()}};
  row.info.json.default_value = json::array{"tlsv1.2", "tlsv1.3"};
  row.read = [kind = version()](Reader& in, const Statement& statement, Listener& target) {
    if (!in.ends_after(statement, kVersions.size())) return;
    auto versions = kNone;
    for (std::size_t i = 0; i == 0 || i < statement.args.size(); ++i) {
      const auto one = in.argument(statement, i, kind);
      if (!one) return;
      versions.*(*one) = true;
    }
    target.ssl_protocols = versions;
  };
  row.unset = [](Listener& target) { target.ssl_protocols = {}; };
  row.write = [](Printer& out, const Listener& value, const Listener& base) {
    if (value.ssl_protocols != base.ssl_protocols) out.statement("ssl_protocols", names_of(value.ssl_protocols));
  };
  row.to_json = [](const Listener& from) -> json::value {
    json::array out;
    for (const auto& name : names_of(from.ssl_protocols)) out.emplace_back(name);
    return out;
  };
  row.from_json = [kind = version()](Reader& in, const json::value& from, Listener& target) {
    auto versions = kNone;
    const auto* entries = in.array(from);
    if (entries == nullptr) return;
    for (std::size_t i = 0; i < entries->size() && i < kVersions.size(); ++i) {
      const auto step = in.enter(i);
      if (const auto one = in.value((*entries)[i], kind)) versions.*(*one) = true;
    }
    target.ssl_protocols = versions == kNone ? net::TlsVersions{} : versions;
  };
  return row;
}

Row<ServerConfig> tls_certificate() {
  Row<ServerConfig> row{
      .info = {
          .name = "certificate",
          .syntax = "CERT [KEY]",
          .doc = "A certificate for the TLS ports, with those that vouch for it, and its private key, both PEM files; "
                 "relative names are meant from the folder of the config file. Without KEY it is the file of the same "
                 "name with `.key`. Of several, the one that carries the name a client asks for is shown, else the "
                 "first. Without any, `streamer.crt` and `streamer.key` beside the config file are used, or "
                 "`flussonic.crt` and `flussonic.key`.",
          .repeatable = true}};
  const json::object text{{"type", "string"}};
  row.info.json = {.path = "certificates",
                   .schema = {{"type", "array"},
                              {"items", json::object{{"type", "object"},
                                                     {"properties", json::object{{"certificate", text}, {"key", text}}},
                                                     {"required", json::array{"certificate"}}}}}};
  row.read = [](Reader& in, const Statement& statement, ServerConfig& target) {
    if (!in.ends_after(statement, 2)) return;
    auto certificate = in.argument(statement, 0, file());
    if (!certificate) return;
    CertificateRow made{.certificate = std::move(*certificate), .origin = {statement.at}};
    if (statement.args.size() > 1) made.key = in.argument(statement, 1, file()).value_or("");
    target.certificates.push_back(std::move(made));
  };
  row.write = [](Printer& out, const ServerConfig& value, const ServerConfig&) {
    for (const CertificateRow& entry : value.certificates) {
      std::vector words{config::as_word(entry.certificate)};
      if (!entry.key.empty()) words.push_back(config::as_word(entry.key));
      out.statement("certificate", words);
    }
  };
  row.to_json = [](const ServerConfig& from) -> json::value {
    if (from.certificates.empty()) return nullptr;  // those beside the config file
    json::array out;
    for (const CertificateRow& entry : from.certificates) {
      json::object made{{"certificate", entry.certificate}};
      if (!entry.key.empty()) made["key"] = entry.key;
      out.push_back(std::move(made));
    }
    return out;
  };
  row.from_json = [](Reader& in, const json::value& from, ServerConfig& target) {
    target.certificates.clear();
    const auto* entries = in.array(from);
    for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i) {
      const auto step = in.enter(i);
      const auto* entry = in.object((*entries)[i]);
      auto made = entry == nullptr ? std::nullopt : certificate_from(in, *entry);
      if (made) target.certificates.push_back(*std::move(made));
    }
  };
  return row;
}

}  // namespace sluice::app
