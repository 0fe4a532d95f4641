#include "protocol/rtmp/server_protocol.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"
#include "protocol/rtmp/control_messages.hpp"
#include "protocol/rtmp/errc.hpp"

namespace sluice::rtmp {
namespace {

/// Until somebody may publish, there is nothing large to be said.
constexpr ChunkLimits kLimitsBeforePublish{
    .message_bytes = 64 << 10, .chunk_streams = 64, .unfinished_bytes = 128 << 10};

constexpr std::uint32_t kWindowBytes = 2'500'000;

std::string text_of(const amf::Value& object, std::string_view key) {
  const auto* member = object.find(key);
  return std::string(member ? member->string().value_or(std::string_view()) : std::string_view());
}

/// `publish(false)` and `play(false)` end what was begun.
bool says_false(const Command& command) { return command.argument(0).boolean() == false; }

}  // namespace

/// One row for each command that has a meaning here.
struct ServerProtocol::Handler {
  std::string_view name;
  Result<void> (ServerProtocol::*handle)(const Command&);
};

const ServerProtocol::Handler* ServerProtocol::find_handler(std::string_view command) {
  static constexpr Handler kHandlers[] = {
      {"connect", &ServerProtocol::on_connect},
      {"createStream", &ServerProtocol::on_create_stream},
      {"releaseStream", &ServerProtocol::on_release_stream},
      {"FCPublish", &ServerProtocol::on_fc_publish},
      {"FCUnpublish", &ServerProtocol::on_fc_unpublish},
      {"FCSubscribe", &ServerProtocol::on_fc_subscribe},
      {"publish", &ServerProtocol::on_publish},
      {"play", &ServerProtocol::on_play},
      {"pause", &ServerProtocol::on_pause},
      {"pauseRaw", &ServerProtocol::on_pause},
      {"seek", &ServerProtocol::on_seek},
      {"closeStream", &ServerProtocol::on_stop},
      {"deleteStream", &ServerProtocol::on_stop},
      {"_checkbw", &ServerProtocol::on_check_bandwidth},
      {"getStreamLength", &ServerProtocol::on_get_stream_length},
  };
  const auto* found = std::ranges::find(kHandlers, command, &Handler::name);
  return found == std::end(kHandlers) ? nullptr : found;
}

ServerProtocol::ServerProtocol() : link_(kLimitsBeforePublish) {}

Result<std::optional<ServerProtocol::Event>> ServerProtocol::next(BytesView& in) {
  SLUICE_ASSERT(question_ == Question::none, "a question of the client has not been answered");
  if (state_ == State::handshake) {
    const auto taken = handshake_.feed(in, output());
    if (!taken) return fail(taken.error());
    in = in.subspan(*taken);
    if (!handshake_.done()) return std::nullopt;
    state_ = State::unconnected;
  }
  while (true) {
    if (event_) return give_out();
    auto media = media_.next();
    if (!media) return fail(media.error());
    if (*media) return **std::move(media);
    auto message = link_.next(in);
    if (!message) return fail(message.error());
    if (!*message) return std::nullopt;
    if (auto handled = handle(**std::move(message)); !handled) return fail(handled.error());
  }
}

ServerProtocol::Event ServerProtocol::give_out() {
  Event event = *std::exchange(event_, std::exchange(event_after_, std::nullopt));
  if (std::holds_alternative<Connect>(event)) question_ = Question::connect;
  if (std::holds_alternative<Publish>(event)) question_ = Question::publish;
  if (std::holds_alternative<Play>(event)) question_ = Question::play;
  return event;
}

Result<void> ServerProtocol::handle(Message message) {
  if (message.type == MessageType::command || message.type == MessageType::command_amf3) {
    const auto command = read_command(message);
    if (!command) return fail(command.error());
    return on_command(*command);
  }
  // Media of nobody's stream is left behind by encoders that do not wait for an answer.
  if (state_ == State::publishing) media_.push(std::move(message));
  return {};
}

Result<void> ServerProtocol::on_command(const Command& command) {
  if (state_ == State::refused) return {};
  if (state_ == State::unconnected && command.name != "connect") return fail(Errc::unexpected_command);
  if (const auto* handler = find_handler(command.name)) return (this->*handler->handle)(command);

  // Answers are not answered, nor is what does not ask for it.
  const bool is_answer = command.name == "_result" || command.name == "_error";
  if (!is_answer && command.transaction != 0) {
    link_.send(0, error_of(command.transaction, "NetConnection.Call.Failed", "Method not found."));
  }
  return {};
}

Result<void> ServerProtocol::on_connect(const Command& command) {
  if (state_ != State::unconnected) return fail(Errc::unexpected_command);
  connect_transaction_ = command.transaction;
  if (const auto* encoding = command.object.find("objectEncoding")) object_encoding_ = encoding->number().value_or(0);
  app_ = text_of(command.object, "app");
  tc_url_ = text_of(command.object, "tcUrl");
  event_ = Connect{.app = app_,
                   .tc_url = tc_url_,
                   .page_url = text_of(command.object, "pageUrl"),
                   .flash_ver = text_of(command.object, "flashVer")};
  return {};
}

Result<void> ServerProtocol::on_create_stream(const Command& command) {
  link_.send(0, result_of(command.transaction, amf::Null{}, {kMediaStream}));
  return {};
}

Result<void> ServerProtocol::on_release_stream(const Command& command) {
  link_.send(0, result_of(command.transaction, amf::Null{}, {amf::Undefined{}}));
  return {};
}

Result<void> ServerProtocol::on_fc_publish(const Command& command) {
  link_.send(0, result_of(command.transaction, amf::Null{}, {amf::Undefined{}}));
  link_.send(0, on_fc("onFCPublish", "NetStream.Publish.Start", command.text(0)));
  return {};
}

Result<void> ServerProtocol::on_fc_unpublish(const Command& command) {
  link_.send(0, result_of(command.transaction, amf::Null{}, {amf::Undefined{}}));
  link_.send(0, on_fc("onFCUnpublish", "NetStream.Unpublish.Success", command.text(0)));
  if (state_ == State::publishing) stop();
  return {};
}

Result<void> ServerProtocol::on_fc_subscribe(const Command& command) {
  link_.send(0, on_fc("onFCSubscribe", "NetStream.Play.Start", command.text(0)));
  return {};
}

Result<void> ServerProtocol::on_publish(const Command& command) {
  if (says_false(command)) return on_stop(command);
  if (state_ != State::idle) return fail(Errc::unexpected_command);
  const auto type = command.text(1);
  event_ = Publish{.address = stream_address(app_, tc_url_, command.text(0)),
                   .type = std::string(type.empty() ? "live" : type)};
  return {};
}

Result<void> ServerProtocol::on_play(const Command& command) {
  if (says_false(command)) return on_stop(command);
  if (state_ == State::publishing) return fail(Errc::unexpected_command);
  stop();
  Play play{.address = stream_address(app_, tc_url_, command.text(0)),
            .start_ms = command.argument(1).number().value_or(-2000),
            .duration_ms = command.argument(2).number().value_or(-1000)};
  (event_ ? event_after_ : event_) = std::move(play);
  return {};
}

Result<void> ServerProtocol::on_pause(const Command& command) {
  if (state_ != State::playing) return {};
  const bool paused = command.argument(0).boolean().value_or(true);
  if (paused) {
    send_status("status", "NetStream.Pause.Notify", "Paused.");
  } else {
    send_status("status", "NetStream.Unpause.Notify", "Unpaused.");
  }
  event_ = Pause{.paused = paused};
  return {};
}

Result<void> ServerProtocol::on_seek(const Command&) {
  send_status("error", "NetStream.Seek.Failed", "This stream cannot be sought in.");
  return {};
}

Result<void> ServerProtocol::on_stop(const Command&) {
  stop();
  return {};
}

Result<void> ServerProtocol::on_check_bandwidth(const Command& command) {
  link_.send(0, result_of(command.transaction, amf::Null{}, {amf::Undefined{}}));
  return {};
}

Result<void> ServerProtocol::on_get_stream_length(const Command& command) {
  link_.send(0, result_of(command.transaction, amf::Null{}, {0}));
  return {};
}

void ServerProtocol::stop() {
  if (state_ != State::publishing && state_ != State::playing) return;
  if (state_ == State::publishing) send_status("status", "NetStream.Unpublish.Success", "The stream was unpublished.");
  state_ = State::idle;
  event_ = Stop{};
}

void ServerProtocol::answer(Question question, State next) {
  SLUICE_ASSERT(question_ == question, "the client has not asked this");
  question_ = Question::none;
  state_ = next;
}

void ServerProtocol::accept_connect() {
  answer(Question::connect, State::idle);
  link_.open();
  link_.send_window(kWindowBytes);
  ByteWriter w(output());
  write_set_peer_bandwidth(w, kWindowBytes);
  link_.send(0, connect_result(connect_transaction_, object_encoding_));
}

void ServerProtocol::refuse_connect(std::string_view description, std::string_view redirect) {
  answer(Question::connect, State::refused);
  link_.open();
  link_.send(0, connect_refusal(connect_transaction_, description, redirect));
}

void ServerProtocol::accept_publish() {
  answer(Question::publish, State::publishing);
  link_.set_limits({});
  ByteWriter w(output());
  write_user_control(w, {.event = UserControl::Event::stream_begin, .value = kMediaStream});
  send_status("status", "NetStream.Publish.Start", "Publishing has started.");
}

void ServerProtocol::refuse_publish(PublishRefusal reason, std::string_view description) {
  answer(Question::publish, State::idle);
  send_status("error", reason == PublishRefusal::denied ? "NetStream.Publish.Denied" : "NetStream.Publish.BadName",
              description);
}

void ServerProtocol::accept_play() {
  answer(Question::play, State::playing);
  ByteWriter w(output());
  write_user_control(w, {.event = UserControl::Event::stream_begin, .value = kMediaStream});
  send_status("status", "NetStream.Play.Reset", "Playing and resetting.");
  send_status("status", "NetStream.Play.Start", "Playing has started.");
}

void ServerProtocol::refuse_play(PlayRefusal reason, std::string_view description) {
  answer(Question::play, State::idle);
  send_status("error", reason == PlayRefusal::not_found ? "NetStream.Play.StreamNotFound" : "NetStream.Play.Failed",
              description);
}

void ServerProtocol::end_play(PlayEnd why) {
  if (state_ != State::playing) return;
  state_ = State::idle;
  ByteWriter w(output());
  write_user_control(w, {.event = UserControl::Event::stream_eof, .value = kMediaStream});
  if (why == PlayEnd::unpublished) {
    send_status("status", "NetStream.Play.UnpublishNotify", "The stream was unpublished.");
    return;
  }
  send_status("status", "NetStream.Play.Stop", "Playing has ended.");
}

void ServerProtocol::ping(std::uint32_t time) {
  ByteWriter w(output());
  write_user_control(w, {.event = UserControl::Event::ping_request, .value = time});
}

void ServerProtocol::send_status(std::string_view level, std::string_view code, std::string_view description) {
  link_.send(kMediaStream, on_status(level, code, description));
}

}  // namespace sluice::rtmp
