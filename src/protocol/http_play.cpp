#include "protocol/http_play.hpp"

#include <array>

#include "protocol/start_timeout.hpp"
#include "stream/errc.hpp"

namespace sluice::protocol {
namespace {

/// Sends the flow until either side ends it. Whatever the viewer sends is read and thrown away.
Task<void> send_flow(net::TcpSocket& socket, std::shared_ptr<stream::Media> media, const stream::FlowForm& form,
                     stream::View view, stream::WaitedFrom from, std::shared_ptr<access::Session> session) {
  if (session->closed) co_return;
  session->connection = &socket;
  const auto follower = co_await media->follow(form, std::move(view), socket, session->bytes, from,
                                               Shard::current().now() + kStartTimeout);
  if (!follower) co_return;
  media.reset();
  while (co_await socket.readable(SteadyTime::max())) {
    std::array<std::byte, 512> ignored;
    if (!co_await socket.read_some(ignored, SteadyTime::max())) co_return;
  }
}

}  // namespace

std::optional<stream::View> HttpPlay::view() const {
  auto selector = request.query_value("filter.tracks");
  if (!selector) {
    selector = request.query_value("filter");
    if (selector && selector->starts_with("tracks:")) selector->erase(0, 7);
  }
  if (!selector || selector->empty()) return stream::View{};
  return stream::View::parse(*selector);
}

std::optional<std::size_t> name_before(std::string_view path, std::string_view suffix) {
  if (!path.ends_with(suffix) || path.size() == suffix.size()) return {};
  return path.size() - suffix.size();
}

net::HttpResponse refusal(std::error_code error) {
  const bool bad = error == stream::Errc::bad_name;
  const bool full = error == stream::Errc::too_many;
  return net::HttpResponse::text(bad ? 400 : full ? 503 : 404, error.message() + "\n");
}

Task<net::HttpResponse> play_flow(HttpPlay play, const stream::FlowForm& form, net::AnswerKind kind) {
  auto view = play.view();
  if (!view) co_return net::HttpResponse::text(400, "filter.tracks names no tracks\n");
  const auto ready = co_await play.media->ready(form, *view, Shard::current().now() + kStartTimeout);
  if (!ready) co_return refusal(ready.error());
  net::HttpResponse response{.kind = kind};
  response.takeover = [media = play.media, session = play.session, &form, view = std::move(*view),
                       from = *ready](net::TcpSocket& socket) mutable {
    return send_flow(socket, std::move(media), form, std::move(view), from, std::move(session));
  };
  co_return response;
}

}  // namespace sluice::protocol
