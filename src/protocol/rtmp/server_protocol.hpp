#pragma once

#include <cstdint>
#include <optional>
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
#include "protocol/rtmp/stream_address.hpp"

namespace sluice::rtmp {

/// The server's side of an RTMP connection without its socket: bytes in, events out; decisions in, bytes out. Speaks
/// the dialects of OBS, Flash Media Live Encoder, ffmpeg, GStreamer and librtmp. Owned by a session and used on its
/// shard.
///
/// Connect, Publish and Play are questions: the matching accept or refuse must be called before next() is called again.
/// Media is not sent from here: after accept_play() the session sends the shared bytes of the flow (media_header,
/// write_message), and what output() holds goes between two messages of it.
class ServerProtocol {
 public:
  /// The client wants to use an application. Strings as it sent them.
  struct Connect {
    std::string app;
    std::string tc_url;
    std::string page_url;
    std::string flash_ver;
  };
  struct Publish {
    StreamAddress address;
    std::string type;  ///< "live", "record", "append"
  };
  struct Play {
    StreamAddress address;
    double start_ms = -2000;     ///< negative: live (clients send -1, -2, -1000 and -2000)
    double duration_ms = -1000;  ///< negative: to the end
  };
  /// A player stops or goes on; it was told that this is done.
  struct Pause {
    bool paused = false;
  };
  /// The client has ended what it published or played; the connection stays.
  struct Stop {};
  /// flv::Message: a message of the accepted publisher.
  using Event = std::variant<Connect, Publish, Play, Pause, Stop, flv::Message>;

  ServerProtocol();

  /// The next event out of the front of `in`, which is advanced over what was consumed; nothing when `in` is used up.
  /// An error is permanent: the peer speaks no RTMP, or asks for what makes no sense.
  Result<std::optional<Event>> next(BytesView& in);

  void accept_connect();
  /// A `redirect` (an RTMP URL of the application) sends the client there. The session closes when this is sent.
  void refuse_connect(std::string_view description, std::string_view redirect = {});

  void accept_publish();
  enum class PublishRefusal : std::uint8_t { bad_name, denied };
  /// bad_name: there is no such stream, or it is being published already.
  void refuse_publish(PublishRefusal reason, std::string_view description);

  void accept_play();
  enum class PlayRefusal : std::uint8_t { not_found, failed };
  void refuse_play(PlayRefusal reason, std::string_view description);

  /// Tells a player that there is no more. unpublished: the live stream is gone; complete: a file or range has ended.
  enum class PlayEnd : std::uint8_t { unpublished, complete };
  void end_play(PlayEnd why);

  /// Asks for a sign of life; `time` in ms comes back and is not looked at.
  void ping(std::uint32_t time);

  /// Bytes for the client. Whoever sends them takes them out; they grow with what is read, so read no further before.
  Bytes& output() { return link_.output(); }

 private:
  enum class State : std::uint8_t { handshake, unconnected, idle, publishing, playing, refused };
  /// What the session has been asked and has not answered.
  enum class Question : std::uint8_t { none, connect, publish, play };
  struct Handler;
  static const Handler* find_handler(std::string_view command);

  Event give_out();
  Result<void> handle(Message message);
  Result<void> on_command(const Command& command);
  Result<void> on_connect(const Command& command);
  Result<void> on_create_stream(const Command& command);
  Result<void> on_release_stream(const Command& command);
  Result<void> on_fc_publish(const Command& command);
  Result<void> on_fc_unpublish(const Command& command);
  Result<void> on_fc_subscribe(const Command& command);
  Result<void> on_publish(const Command& command);
  Result<void> on_play(const Command& command);
  Result<void> on_pause(const Command& command);
  Result<void> on_seek(const Command& command);
  Result<void> on_stop(const Command& command);
  Result<void> on_check_bandwidth(const Command& command);
  Result<void> on_get_stream_length(const Command& command);

  void stop();
  void answer(Question question, State next);
  void send_status(std::string_view level, std::string_view code, std::string_view description);

  ServerHandshake handshake_;
  Link link_;
  MediaReader media_;
  State state_ = State::handshake;
  Question question_ = Question::none;
  std::optional<Event> event_;        ///< to be given out next
  std::optional<Event> event_after_;  ///< and after it

  std::string app_;
  std::string tc_url_;
  double connect_transaction_ = 0;
  double object_encoding_ = 0;
};

}  // namespace sluice::rtmp
