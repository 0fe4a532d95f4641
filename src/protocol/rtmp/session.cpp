#include "protocol/rtmp/session.hpp"

#include <array>

#include "core/log.hpp"
#include "protocol/rtmp/flow.hpp"
#include "protocol/rtmp/publication.hpp"
#include "protocol/rtmp/server_protocol.hpp"
#include "protocol/start_timeout.hpp"
#include "stream/errc.hpp"

namespace sluice::rtmp {
namespace {

using std::chrono::seconds;

constexpr auto kCommandTimeout = seconds(15);    // a client that neither publishes nor plays
constexpr auto kPublisherTimeout = seconds(60);  // a publisher that sends nothing at all
constexpr auto kWriteTimeout = seconds(15);
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kGathered = 32 * 1024;  // more than that is not left in the socket
constexpr std::size_t kPlayerReadBytes = 1024;

std::string password_of(const StreamAddress& address) {
  return std::string(find(address.query, "password").value_or(""));
}
std::string token_of(const StreamAddress& address) { return std::string(find(address.query, "token").value_or("")); }

/// One connection.
class Connection {
 public:
  Connection(net::TcpSocket& socket, stream::Registry& registry, access::Sessions& sessions)
      : socket_(socket), registry_(registry), sessions_(sessions) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { end_session(); }

  /// Until the connection ends; the reason, for the log.
  Task<std::error_code> run() {
    Bytes buffer;
    for (;;) {
      if (follower_) {
        // A player sends next to nothing for days: it is waited for without a buffer.
        Bytes().swap(buffer);
        if (auto ok = co_await socket_.readable(SteadyTime::max()); !ok) co_return ok.error();
      }
      buffer.resize(follower_ ? kPlayerReadBytes : kReadBytes);
      const auto n = co_await read(buffer);
      if (!n) co_return n.error();
      if (auto ok = co_await handle(BytesView(buffer).first(*n)); !ok) co_return ok.error();
      if (publication_) {
        session_->bytes += *n;
        publication_->feed().flush();
        if (publication_->feed().closed()) co_return stream::Errc::gone;
      }
      if (auto ok = co_await write(); !ok) co_return ok.error();
    }
  }

 private:
  [[nodiscard]] SteadyTime deadline() const {
    if (follower_) return SteadyTime::max();
    return Shard::current().now() + (publication_ ? kPublisherTimeout : kCommandTimeout);
  }

  /// Of a publisher whom nobody is in a hurry for, what has gathered.
  Task<Result<std::size_t>> read(std::span<std::byte> into) {
    const auto until = deadline();
    while (publication_ && Shard::current().now() < until) {
      const auto next = publication_->feed().next_read();
      if (next <= Shard::current().now()) break;
      const auto n = co_await socket_.read_gathered(into, kGathered, next);
      if (!n || *n > 0) co_return n;
    }
    co_return co_await socket_.read_some(into, until);
  }

  Task<Result<void>> handle(BytesView in) {
    for (;;) {
      auto event = protocol_.next(in);
      if (!event) co_return std::unexpected(event.error());
      if (!*event) co_return Result<void>();
      if (std::holds_alternative<ServerProtocol::Connect>(**event)) {
        protocol_.accept_connect();
      } else if (const auto* publish = std::get_if<ServerProtocol::Publish>(&**event)) {
        co_await start_publishing(publish->address);
      } else if (const auto* play = std::get_if<ServerProtocol::Play>(&**event)) {
        if (auto ok = co_await start_playing(play->address); !ok) co_return ok;
      } else if (const auto* pause = std::get_if<ServerProtocol::Pause>(&**event); pause != nullptr && follower_) {
        if (pause->paused) follower_->pause();
        if (auto ok = co_await write(); !ok) co_return ok;  // before what the flow goes on with
        if (!pause->paused) follower_->resume();
      } else if (std::holds_alternative<ServerProtocol::Stop>(**event)) {
        stop();
      } else if (const auto* message = std::get_if<flv::Message>(&**event); message != nullptr && publication_) {
        if (auto ok = publication_->take(*message, Shard::current().now()); !ok) co_return ok;
      }
    }
  }

  Task<void> start_publishing(const StreamAddress& address) {
    auto feed = co_await registry_.publish(
        {.name = address.name, .password = password_of(address), .proto = "rtmp", .ip = socket_.peer()});
    if (!feed) {
      log::notice("publishing is refused",
                  {{"peer", socket_.peer()}, {"stream", address.name}, {"error", feed.error().message()}});
      const bool denied = feed.error() == stream::Errc::wrong_password;
      protocol_.refuse_publish(
          denied ? ServerProtocol::PublishRefusal::denied : ServerProtocol::PublishRefusal::bad_name,
          feed.error().message());
      co_return;
    }
    begin_session(sessions_.admit_connection(
        {.type = access::SessionType::publish, .name = address.name, .proto = "rtmp", .ip = socket_.peer()}));
    publication_.emplace(std::move(*feed));
    watchers_.spawn(close_when_unwanted(publication_->feed(), socket_));
    protocol_.accept_publish();
  }

  Task<Result<void>> start_playing(const StreamAddress& address) {
    const auto until = Shard::current().now() + protocol::kStartTimeout;
    const auto media = co_await registry_.resolve(address.name);
    if (!media) {
      refuse_play(media.error());
      co_return Result<void>();
    }
    // A viewer who waits for a publisher is a viewer, as over HTTP.
    begin_session(sessions_.admit_connection(
        {.name = address.name, .proto = "rtmp", .ip = socket_.peer(), .token = token_of(address)}));
    const auto ready = co_await (*media)->ready(kFlow, {}, until);
    if (!ready) {
      refuse_play(ready.error());
      co_return Result<void>();
    }
    protocol_.accept_play();
    if (auto ok = co_await write(); !ok) co_return ok;
    auto follower = co_await (*media)->follow(kFlow, {}, socket_, session_->bytes, *ready, until);
    if (!follower) co_return std::unexpected(follower.error());
    follower_ = std::move(*follower);
    co_return Result<void>();
  }

  void refuse_play(std::error_code why) {
    end_session();
    protocol_.refuse_play(ServerProtocol::PlayRefusal::not_found, why.message());
  }

  /// A publisher whom another took over from must leave, even while it sends nothing.
  static Task<void> close_when_unwanted(stream::Feed& feed, net::TcpSocket& socket) {
    while (!feed.closed()) co_await feed.on_closed().wait();
    socket.shutdown();
  }

  void stop() {
    watchers_.cancel();
    publication_.reset();
    if (follower_) {
      Bytes first = follower_->leave();
      Bytes& out = protocol_.output();
      out.insert(out.begin(), first.begin(), first.end());
      follower_.reset();
    }
    end_session();
  }

  void begin_session(Result<std::shared_ptr<access::Session>> session) {
    end_session();
    session_ = *std::move(session);
    session_->connection = &socket_;
    began_ = SteadyTime::clock::now();
  }

  void end_session() {
    if (!session_) return;
    // The server may be ending: then no shard runs any more.
    const auto took = SteadyTime::clock::now() - began_;
    const access::SessionInfo& who = session_->info();
    log::request({{"peer", socket_.peer()},
                  {"method", who.type == access::SessionType::publish ? "PUBLISH" : "PLAY"},
                  {"path", "/" + who.name},
                  {"proto", who.proto},
                  {"tls", socket_.tls_version()},
                  {"bytes", session_->bytes},
                  {"duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
                  {"session", who.id}});
    session_.reset();
  }

  /// What the protocol wants to say: at once, or, to a player, between two messages of the flow.
  Task<Result<void>> write() {
    if (protocol_.output().empty()) co_return Result<void>();
    Bytes out = std::exchange(protocol_.output(), {});
    if (follower_) {
      follower_->send_between(std::move(out));
      co_return Result<void>();
    }
    co_return co_await socket_.send(out, Shard::current().now() + kWriteTimeout);
  }

  // borrowed (outlives this)
  net::TcpSocket& socket_;
  stream::Registry& registry_;
  access::Sessions& sessions_;
  // owned
  ServerProtocol protocol_;
  std::shared_ptr<access::Session> session_;
  SteadyTime began_{};  // of the session
  std::optional<Publication> publication_;
  std::unique_ptr<stream::Follower> follower_;
  TaskScope watchers_;
};

}  // namespace

Task<void> serve(net::TcpSocket socket, stream::Registry& registry, access::Sessions& sessions) {
  Connection connection(socket, registry, sessions);
  const auto reason = co_await connection.run();
  if (reason != net::Errc::closed) {
    log::notice("RTMP connection ended", {{"peer", socket.peer()}, {"error", reason.message()}});
  }
}

}  // namespace sluice::rtmp
