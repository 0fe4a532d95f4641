#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "access/session.hpp"
#include "core/task.hpp"
#include "net/http.hpp"
#include "stream/media.hpp"

namespace sluice::protocol {

/// A play request over HTTP that has been resolved and admitted.
struct HttpPlay {
  const net::HttpRequest& request;
  std::string_view name;  ///< of the media
  std::string_view rest;  ///< of the path behind the name, without the first '/': "tracks-v1/index.ll.m3u8"
  stream::Media& media;
  access::Session& session;  ///< counts what goes out
};

/// One protocol's place in the table of URL forms. The router asks the rows in order; a row says where in the path the
/// media's name ends. Name, media and viewer are checked by the router, in one place, before `play` is called.
struct HttpPlayProtocol {
  std::string_view proto;  ///< the key of sessions and of `protocols`: "hls", "tshttp", "flv"

  /// The length of the media's name in `path` (which has no leading '/'), if the path is of this protocol's form.
  std::optional<std::size_t> (*match)(std::string_view path);

  Task<net::HttpResponse> (*play)(HttpPlay play);
};

}  // namespace sluice::protocol
