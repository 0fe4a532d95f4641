#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "net/socket.hpp"
#include "stream/flow.hpp"
#include "stream/flow_form.hpp"
#include "stream/media.hpp"
#include "stream/test_media.hpp"

/// A form of a stream that a test can read, and viewers of it.
namespace sluice::stream::test {

/// "I2;" is the init of two tracks, "0k7200;" a keyframe of track 0, "1 7200;" another frame, "C3;" a change to three
/// tracks, "E;" the end. Payloads follow their frame, where `with_payloads` says so.
class TextMuxer final : public FlowMuxer {
 public:
  TextMuxer(const media::Tracks& tracks, bool with_payloads) : tracks_(tracks.size()), with_payloads_(with_payloads) {}

  Bytes init() override {
    Bytes out;
    ByteWriter(out).text(fmt::format("I{};", tracks_));
    return out;
  }
  void frame(Bytes& out, const media::Frame& frame) override { write(out, frame, with_payloads_); }
  void change(Bytes& out, const media::Tracks& tracks) override {
    tracks_ = tracks.size();
    ByteWriter(out).text(fmt::format("C{};", tracks_));
  }
  void end(Bytes& out) override { ByteWriter(out).text("E;"); }

  static void write(Bytes& out, const media::Frame& frame, bool with_payload) {
    ByteWriter writer(out);
    writer.text(fmt::format("{}{}{};", frame.track, frame.random_access ? 'k' : ' ', frame.dts.count()));
    if (with_payload) writer.bytes(frame.payload.view());
  }

 private:
  std::size_t tracks_;
  bool with_payloads_;
};

/// Carries everything but text.
inline bool carries_no_text(const media::Codec& codec) { return codec.content != media::Content::text; }

inline constexpr FlowForm kText{.name = "text",
                                .carries = carries_no_text,
                                .make = [](const media::Tracks& t, const StreamConfig&) -> std::unique_ptr<FlowMuxer> {
                                  return std::make_unique<TextMuxer>(t, false);
                                }};
inline constexpr FlowForm kBulk{.name = "bulk",
                                .carries = carries_no_text,
                                .make = [](const media::Tracks& t, const StreamConfig&) -> std::unique_ptr<FlowMuxer> {
                                  return std::make_unique<TextMuxer>(t, true);
                                }};

/// A viewer's two ends: the socket that the server sends to, and what the viewer reads. Belongs to its shard.
class Viewer {
 public:
  enum class Kind { local, tcp };
  /// `buffer`: of the server's socket; 0: the system's own.
  explicit Viewer(int buffer = 0, Kind kind = Kind::local) {
    std::array<int, 2> ends{};
    if (kind == Kind::local) {
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    } else {
      connect(ends);
    }
    if (buffer != 0) EXPECT_EQ(::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer), 0);
    socket.emplace(*net::TcpSocket::adopt(ends[0], "viewer"));
    fd_ = ends[1];
  }
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;
  ~Viewer() {
    follower.reset();
    if (fd_ >= 0) ::close(fd_);
  }

  /// Everything that it has been sent so far, read now.
  const std::string& read(std::size_t most = SIZE_MAX) {
    std::array<char, 16384> buffer;
    while (most > 0) {
      const auto n = ::recv(fd_, buffer.data(), std::min(most, buffer.size()), MSG_DONTWAIT);
      if (n == 0) closed_ = true;
      if (n <= 0) break;
      got_.append(buffer.data(), static_cast<std::size_t>(n));
      most -= static_cast<std::size_t>(n);
    }
    return got_;
  }
  /// The server has closed its end, and everything before that was read.
  bool closed() {
    read();
    return closed_;
  }
  void leave() { ::close(std::exchange(fd_, -1)); }

  std::optional<net::TcpSocket> socket;
  std::uint64_t sent = 0;
  std::unique_ptr<Follower> follower;

 private:
  static void connect(std::array<int, 2>& ends) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(listener, any, length), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    EXPECT_EQ(::getsockname(listener, any, &length), 0);
    ends[1] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(ends[1], any, length), 0);
    ends[0] = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ::close(listener);
  }

  int fd_ = -1;
  std::string got_;
  bool closed_ = false;
};

}  // namespace sluice::stream::test
