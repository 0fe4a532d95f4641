#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/flv/message.hpp"
#include "protocol/rtmp/commands.hpp"
#include "protocol/rtmp/handshake.hpp"
#include "protocol/rtmp/link.hpp"
#include "protocol/rtmp/media_reader.hpp"

namespace sluice::rtmp {

/// The client's side of an RTMP connection without its socket: connects, and publishes or plays one stream. Bytes in,
/// events out. Owned by whoever has the socket.
class ClientProtocol {
 public:
  enum class Role : std::uint8_t { publish, play };
  struct Options {
    Role role = Role::play;
    std::string app;
    std::string key;     ///< stream name on the application, with its query
    std::string tc_url;  ///< rtmp://host:port/app
    std::string flash_ver = "FMLE/3.0 (compatible; Sluice)";
    std::uint32_t buffer_ms = 3000;  ///< of a player, as the server is told
  };

  /// The server has accepted: media may be written, or will come.
  struct Ready {};
  /// It has not; nothing more will come.
  struct Refused {
    std::string code;  ///< "NetStream.Publish.BadName"
    std::string description;
    std::string redirect;  ///< where the server sends us, an RTMP URL; mostly empty
  };
  /// The server has ended the stream.
  struct Ended {
    std::string code;
  };
  /// flv::Message: a message of the played stream.
  using Event = std::variant<Ready, Refused, Ended, flv::Message>;

  /// Begins the handshake: output() has its first bytes at once.
  explicit ClientProtocol(Options options);

  /// The next event out of the front of `in`, which is advanced over what was consumed; nothing when `in` is used up.
  /// An error is permanent.
  Result<std::optional<Event>> next(BytesView& in);

  /// Appends an audio, video or script message to output(). Script bodies begin with "onMetaData" and get the
  /// "@setDataFrame" that servers want before it. Nothing is written after the end. REQUIRES: Ready has been given out
  /// to a publisher.
  void write(flv::Message::Type type, std::uint32_t timestamp, std::span<const BytesView> body_parts);

  /// Ends the stream in an orderly way; the connection can be closed when the output is sent.
  void close();

  /// Bytes for the server. Whoever sends them takes them out.
  Bytes& output() { return link_.output(); }

 private:
  enum class State : std::uint8_t { handshake, connecting, creating, starting, running, ended };

  Result<void> handle(Message message);
  Result<void> on_command(const Command& command);
  void connect();
  void on_connected();
  Result<void> on_created(const Command& result);
  void on_status(const Command& status);
  void refuse(const amf::Value& info);
  void call(std::uint32_t stream, std::string_view name, double transaction, amf::Value object,
            amf::Array arguments = {});

  Options options_;
  ClientHandshake handshake_;
  Link link_;
  MediaReader media_;
  State state_ = State::handshake;
  std::uint32_t stream_ = kMediaStream;  ///< as the server numbers it
  std::optional<Event> event_;           ///< to be given out next
};

}  // namespace sluice::rtmp
