#include "protocol/rtmp/client_protocol.hpp"

#include <algorithm>
#include <utility>

#include "core/assert.hpp"
#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/control_messages.hpp"
#include "protocol/rtmp/errc.hpp"

namespace sluice::rtmp {
namespace {

// Numbers of our calls, in the order of librtmp, which servers are tested with.
constexpr double kConnect = 1;
constexpr double kReleaseStream = 2;
constexpr double kFcPublish = 3;
constexpr double kCreateStream = 4;
constexpr double kStart = 5;
constexpr double kFcUnpublish = 6;
constexpr double kDeleteStream = 7;

constexpr std::uint32_t kWindowBytes = 2'500'000;

std::string text_of(const amf::Value& object, std::string_view key) {
  const auto* member = object.find(key);
  return std::string(member ? member->string().value_or(std::string_view()) : std::string_view());
}

}  // namespace

ClientProtocol::ClientProtocol(Options options) : options_(std::move(options)), link_(ChunkLimits{}) {
  const auto begun = handshake_.feed({}, output());
  SLUICE_ASSERT(begun.has_value(), "the handshake cannot fail before it has read anything");
}

Result<std::optional<ClientProtocol::Event>> ClientProtocol::next(BytesView& in) {
  if (state_ == State::handshake) {
    const auto taken = handshake_.feed(in, output());
    if (!taken) return fail(taken.error());
    in = in.subspan(*taken);
    if (!handshake_.done()) return std::nullopt;
    connect();
  }
  while (true) {
    if (event_) return std::exchange(event_, std::nullopt);
    auto media = media_.next();
    if (!media) return fail(media.error());
    if (*media) return **std::move(media);
    auto message = link_.next(in);
    if (!message) return fail(message.error());
    if (!*message) return std::nullopt;
    if (auto handled = handle(**std::move(message)); !handled) return fail(handled.error());
  }
}

Result<void> ClientProtocol::handle(Message message) {
  if (message.type == MessageType::command || message.type == MessageType::command_amf3) {
    const auto command = read_command(message);
    if (!command) return fail(command.error());
    return on_command(*command);
  }
  // Some servers send the first media before they say that playing has begun.
  const bool expected = state_ == State::starting || state_ == State::running;
  if (expected && options_.role == Role::play) media_.push(std::move(message));
  return {};
}

Result<void> ClientProtocol::on_command(const Command& command) {
  if (command.name == "_result") {
    if (state_ == State::connecting && command.transaction == kConnect) on_connected();
    if (state_ == State::creating && command.transaction == kCreateStream) return on_created(command);
  } else if (command.name == "_error") {
    // Servers that do not know releaseStream and FCPublish say so; that is no harm.
    const bool awaited = (state_ == State::connecting && command.transaction == kConnect) ||
                         (state_ == State::creating && command.transaction == kCreateStream) ||
                         (state_ == State::starting && command.transaction == kStart);
    if (awaited) refuse(command.argument(0));
  } else if (command.name == "onStatus") {
    on_status(command);
  } else if (command.transaction != 0) {
    // Flash Media Server measures the bandwidth with calls, and waits for an answer.
    link_.send(0, result_of(command.transaction, amf::Null{}, {amf::Undefined{}}));
  }
  return {};
}

void ClientProtocol::connect() {
  state_ = State::connecting;
  link_.open();
  amf::Object object = {{"app", options_.app}};
  if (options_.role == Role::publish) object.emplace_back("type", "nonprivate");
  object.emplace_back("flashVer", options_.flash_ver);
  object.emplace_back("tcUrl", options_.tc_url);
  if (options_.role == Role::play) {
    // What a Flash player can play: all the codecs of the time.
    object.insert(
        object.end(),
        {{"fpad", false}, {"capabilities", 15}, {"audioCodecs", 4071}, {"videoCodecs", 252}, {"videoFunction", 1}});
  }
  call(0, "connect", kConnect, std::move(object));
}

void ClientProtocol::on_connected() {
  state_ = State::creating;
  link_.send_window(kWindowBytes);
  if (options_.role == Role::publish) {
    call(0, "releaseStream", kReleaseStream, amf::Null{}, {options_.key});
    call(0, "FCPublish", kFcPublish, amf::Null{}, {options_.key});
  }
  call(0, "createStream", kCreateStream, amf::Null{});
}

Result<void> ClientProtocol::on_created(const Command& result) {
  const auto id = result.argument(0).number();
  if (!id || !(*id >= 0 && *id <= 0xffff'ffff)) return fail(Errc::unexpected_answer);
  stream_ = static_cast<std::uint32_t>(*id);
  state_ = State::starting;
  if (options_.role == Role::publish) {
    call(stream_, "publish", kStart, amf::Null{}, {options_.key, "live"});
    return {};
  }
  call(stream_, "play", kStart, amf::Null{}, {options_.key, -2000});
  ByteWriter w(output());
  write_user_control(
      w, {.event = UserControl::Event::set_buffer_length, .value = stream_, .buffer_ms = options_.buffer_ms});
  return {};
}

void ClientProtocol::on_status(const Command& status) {
  const auto& info = status.argument(0);
  const auto code = text_of(info, "code");
  if (state_ == State::starting) {
    if (text_of(info, "level") == "error") {
      refuse(info);
    } else if (code == (options_.role == Role::publish ? "NetStream.Publish.Start" : "NetStream.Play.Start")) {
      state_ = State::running;
      event_ = Ready{};
    }
  } else if (state_ == State::running) {
    static constexpr std::string_view kEnds[] = {"NetStream.Play.UnpublishNotify", "NetStream.Play.Stop",
                                                 "NetStream.Play.Complete"};
    if (text_of(info, "level") == "error" || std::ranges::find(kEnds, code) != std::end(kEnds)) {
      state_ = State::ended;
      event_ = Ended{code};
    }
  }
}

void ClientProtocol::refuse(const amf::Value& info) {
  const auto* more = info.find("ex");
  state_ = State::ended;
  event_ = Refused{.code = text_of(info, "code"),
                   .description = text_of(info, "description"),
                   .redirect = more ? text_of(*more, "redirect") : std::string()};
}

void ClientProtocol::write(flv::Message::Type type, std::uint32_t timestamp, std::span<const BytesView> body_parts) {
  if (state_ == State::ended) return;
  SLUICE_ASSERT(state_ == State::running && options_.role == Role::publish, "nobody has asked for media");
  ByteWriter w(output());
  const auto header = media_header(type, timestamp, stream_);
  if (type != flv::Message::Type::script) {
    write_message(w, header, body_parts);
    return;
  }
  Bytes prefix;
  ByteWriter p(prefix);
  amf::write_amf0(p, "@setDataFrame");
  std::vector<BytesView> parts{prefix};
  parts.insert(parts.end(), body_parts.begin(), body_parts.end());
  write_message(w, header, parts);
}

void ClientProtocol::close() {
  if (state_ == State::starting || state_ == State::running) {
    if (options_.role == Role::publish) call(0, "FCUnpublish", kFcUnpublish, amf::Null{}, {options_.key});
    call(0, "deleteStream", kDeleteStream, amf::Null{}, {stream_});
  }
  state_ = State::ended;
}

void ClientProtocol::call(std::uint32_t stream, std::string_view name, double transaction, amf::Value object,
                          amf::Array arguments) {
  link_.send(stream, {.name = std::string(name),
                      .transaction = transaction,
                      .object = std::move(object),
                      .arguments = std::move(arguments)});
}

}  // namespace sluice::rtmp
