#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "access/session.hpp"
#include "core/task.hpp"
#include "net/http.hpp"
#include "stream/media.hpp"

namespace sluice::protocol {

/// A play request over HTTP whose name has been resolved and whose viewer has been admitted.
struct HttpPlay {
  const net::HttpRequest& request;
  std::string_view name;  ///< of the media
  std::string_view rest;  ///< of the path behind the name, without the first '/': "tracks-v1/index.ll.m3u8"
  std::shared_ptr<stream::Media> media;
  std::shared_ptr<access::Session> session;  ///< counts what goes out

  /// The tracks that `filter.tracks=` (or the older `filter=tracks:`) in the query asks for; every track without it.
  /// Nothing when it cannot be read.
  [[nodiscard]] std::optional<stream::View> view() const;
};

/// One protocol's place in the table of URL forms. The router asks the rows in order; a row says where in the path the
/// media's name ends. Name, media and viewer are checked by the router, in one place, before `play` is called.
struct HttpPlayProtocol {
  std::string_view proto;  ///< the key of sessions and of `protocols`: "hls", "tshttp", "flv"
  bool lasts;              ///< one answer is one session; else the requests of a viewer are one together
  access::SessionType type = access::SessionType::play;

  /// The length of the media's name in `path` (which has no leading '/'), if the path is of this protocol's form.
  std::optional<std::size_t> (*match)(std::string_view path);

  Task<net::HttpResponse> (*play)(HttpPlay play);
};

/// The length of the name before `suffix` ("/mpegts") at the end of `path`, if that is how it ends.
std::optional<std::size_t> name_before(std::string_view path, std::string_view suffix);

/// The answer to a request that a room below refused: 404 for what is not there, 400 for what cannot be meant.
net::HttpResponse refusal(std::error_code error);

/// Answers with an endless flow of the media.
Task<net::HttpResponse> play_flow(HttpPlay play, const stream::FlowForm& form, net::AnswerKind kind);

}  // namespace sluice::protocol
