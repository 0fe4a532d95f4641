#include "protocol/rtmp/stream_address.hpp"

#include <charconv>
#include <cstdint>

namespace sluice::rtmp {
namespace {

constexpr std::size_t kMaxParameters = 64;

/// Text before and after the first `separator`; all of it and nothing where there is none.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::string_view trim_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* end = text.data() + i + 3;
      if (std::from_chars(text.data() + i + 1, end, byte, 16).ptr == end) {
        out.push_back(static_cast<char>(byte));
        i += 2;
        continue;
      }
    }
    out.push_back(text[i]);
  }
  return out;
}

void append_query(Query& query, std::string_view text) {
  while (!text.empty() && query.size() < kMaxParameters) {
    const auto [parameter, rest] = cut(text, '&');
    const auto [name, value] = cut(parameter, '=');
    if (!name.empty()) query.emplace_back(percent_decoded(name), percent_decoded(value));
    text = rest;
  }
}

}  // namespace

std::optional<std::string_view> find(const Query& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

StreamAddress stream_address(std::string_view app, std::string_view tc_url, std::string_view key) {
  auto [app_path, app_query] = cut(app, '?');
  auto [key_path, key_query] = cut(key, '?');
  if (app_query.empty()) app_query = cut(tc_url, '?').second;

  for (const std::string_view type : {"mp4:", "flv:", "mp3:"}) {
    if (key_path.starts_with(type)) key_path.remove_prefix(type.size());
  }
  app_path = trim_slashes(app_path);
  key_path = trim_slashes(key_path);

  StreamAddress address;
  address.name.append(app_path).append(app_path.empty() || key_path.empty() ? "" : "/").append(key_path);
  // Clients differ in how many segments of a longer path they call the application, so only the whole tells.
  const auto [first, rest] = cut(address.name, '/');
  if ((first == "static" || first == "rtmp") && !rest.empty()) address.name.erase(0, first.size() + 1);

  append_query(address.query, key_query);
  append_query(address.query, app_query);
  return address;
}

std::optional<Url> parse_url(std::string_view url) {
  Url out;
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const auto scheme = url.substr(0, scheme_end);
  if (scheme != "rtmp" && scheme != "rtmps") return std::nullopt;
  out.tls = scheme == "rtmps";
  out.port = out.tls ? 443 : 1935;

  const auto [authority, path] = cut(url.substr(scheme_end + 3), '/');
  const auto user_end = authority.rfind('@');
  const auto server = user_end == std::string_view::npos ? authority : authority.substr(user_end + 1);
  const auto host_end = server.starts_with('[') ? server.find(']') : server.find(':');
  if (server.starts_with('[')) {
    if (host_end == std::string_view::npos) return std::nullopt;
    out.host = server.substr(1, host_end - 1);
  } else {
    out.host = server.substr(0, host_end);
  }
  if (out.host.empty()) return std::nullopt;

  const auto port_at = server.find(':', host_end == std::string_view::npos ? server.size() : host_end);
  if (port_at != std::string_view::npos) {
    const auto port = server.substr(port_at + 1);
    const auto* end = port.data() + port.size();
    const auto [read_to, error] = std::from_chars(port.data(), end, out.port);
    if (error != std::errc() || read_to != end || out.port == 0) return std::nullopt;
  }

  // The query goes with the key, where every server looks for it; without a key, with the application.
  const auto app_end = path.substr(0, path.find('?')).find('/');
  out.app = path.substr(0, app_end);
  if (out.app.empty() || out.app.starts_with('?')) return std::nullopt;
  if (app_end != std::string_view::npos) out.key = path.substr(app_end + 1);
  out.tc_url.append(scheme).append("://").append(server).append("/").append(out.app);
  return out;
}

}  // namespace sluice::rtmp
