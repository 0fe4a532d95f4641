#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace sluice::rtmp {

/// The parameters behind a `?`, values percent-decoded, in their order.
using Query = std::vector<std::pair<std::string, std::string>>;

/// The value of the first parameter of that name.
std::optional<std::string_view> find(const Query& query, std::string_view name);

/// Which stream a client means.
struct StreamAddress {
  std::string name;  ///< as the client sent it, not validated; may hold slashes, may be empty
  Query query;       ///< of the key first, then that of the application

  bool operator==(const StreamAddress&) const = default;
};

/// The stream that a `publish` or `play` of `key` means on a connection to `app`: the application `static` (of old:
/// `rtmp`) stands for nothing, any other is the first part of the name; without a key the application is the name.
/// A prefix that tells Flash players the file type ("mp4:", "flv:", "mp3:") is left out. At most 64 parameters are
/// read. `tc_url` is the whole URL of the connection, for its query.
StreamAddress stream_address(std::string_view app, std::string_view tc_url, std::string_view key);

/// A connection and the stream on it, as one URL names them.
struct Url {
  bool tls = false;        ///< rtmps
  std::string host;        ///< without the brackets of an IPv6 address
  std::uint16_t port = 0;  ///< 1935, for rtmps 443, where the URL has none
  std::string app;         ///< first segment of the path
  std::string key;         ///< the rest of the path, and the query
  std::string tc_url;      ///< the URL up to the application

  bool operator==(const Url&) const = default;
};

/// Takes apart rtmp://host[:port]/app[/key][?query]; nothing where it is no such URL. A user name and a password before
/// the host are left out.
std::optional<Url> parse_url(std::string_view url);

}  // namespace sluice::rtmp
