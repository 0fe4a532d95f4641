#include "load/url.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <memory>

#include "load/errc.hpp"
#include "protocol/rtmp/stream_address.hpp"

namespace sluice::load {
namespace {

constexpr std::string_view kNumber = "%d";

bool is_clean(std::string_view url) {
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) return false;
  }
  return true;
}

/// Splits "host:port", "[::1]:port" or "host".
bool read_authority(std::string_view text, std::uint16_t default_port, Target& to) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    to.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return false;
    if (!port.empty()) port.remove_prefix(1);
  } else {
    const auto colon = text.find(':');
    to.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
  }
  to.port = default_port;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), to.port);
    if (error != std::errc{} || end != port.data() + port.size()) return false;
  }
  return !to.host.empty() && to.port != 0;
}

Result<Target> parse_http(std::string_view url, Target target) {
  const auto rest = url.substr(std::string_view("http://").size());
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || !read_authority(rest.substr(0, slash), 80, target)) return fail(Errc::bad_url);
  target.path = rest.substr(slash);
  const auto path = std::string_view(target.path).substr(0, target.path.find('?'));
  if (path.ends_with(".m3u8")) {
    target.kind = Kind::hls;
  } else if (path.ends_with("/mpegts") || path.ends_with(".ts")) {
    target.kind = Kind::http_ts;
  } else if (path.ends_with("/flv") || path.ends_with(".flv")) {
    target.kind = Kind::http_flv;
  } else {
    return fail(Errc::bad_url);
  }
  return target;
}

Result<Target> parse_rtmp(std::string_view url, Target target) {
  auto parsed = rtmp::parse_url(url);
  if (!parsed || parsed->tls || parsed->key.empty()) return fail(Errc::bad_url);
  target.kind = Kind::rtmp;
  target.host = std::move(parsed->host);
  target.port = parsed->port;
  target.app = std::move(parsed->app);
  target.key = std::move(parsed->key);
  target.tc_url = std::move(parsed->tc_url);
  return target;
}

}  // namespace

std::string_view to_string(Kind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"rtmp", "http-flv", "http-ts", "hls", "tcp"};
  return kNames[static_cast<std::size_t>(kind)];
}

Result<Target> parse_target(std::string_view url) {
  Target target{.url = std::string(url)};
  if (!is_clean(url)) return fail(Errc::bad_url);
  if (url.starts_with("rtmp://")) return parse_rtmp(url, std::move(target));
  if (url.starts_with("http://")) return parse_http(url, std::move(target));
  constexpr std::string_view kTcp = "tcp://";
  if (!url.starts_with(kTcp) || !read_authority(url.substr(kTcp.size()), 0, target)) return fail(Errc::bad_url);
  target.kind = Kind::tcp;
  return target;
}

Result<void> resolve(Target& target) {
  const addrinfo hints{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  if (::getaddrinfo(target.host.c_str(), nullptr, &hints, &found) != 0) return fail(Errc::unknown_host);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return fail(Errc::unknown_host);
  }
  target.address = text.data();
  return {};
}

std::vector<std::string> expand(std::string_view url, unsigned count) {
  const auto at = url.find(kNumber);
  if (at == std::string_view::npos) return {std::string(url)};
  std::vector<std::string> out;
  for (unsigned i = 1; i <= count; ++i) {
    std::string one(url);
    one.replace(at, kNumber.size(), std::to_string(i));
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace sluice::load
