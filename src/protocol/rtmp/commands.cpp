#include "protocol/rtmp/commands.hpp"

#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/errc.hpp"

namespace sluice::rtmp {
namespace {

/// No known command has more than six.
constexpr std::size_t kMaxArguments = 32;

amf::Object info(std::string_view level, std::string_view code, std::string_view description) {
  return {{"level", level}, {"code", code}, {"description", description}};
}

}  // namespace

const amf::Value& Command::argument(std::size_t index) const {
  static const amf::Value undefined;
  return index < arguments.size() ? arguments[index] : undefined;
}

std::string_view Command::text(std::size_t index) const {
  return argument(index).string().value_or(std::string_view());
}

Result<Command> read_command(const Message& message) {
  ByteReader r(message.body.view());
  // A command of type 17 has a byte 0 before its values, which are AMF 0 until one says otherwise (marker 0x11).
  // Senders are known that leave it out; the name's own marker is never 0.
  if (message.type == MessageType::command_amf3 && r.left() > 0 && message.body.view()[0] == std::byte{0}) r.skip(1);

  amf::Array values;
  while (r.left() > 0) {
    if (values.size() == kMaxArguments) return fail(Errc::bad_command);
    auto value = amf::read_amf0(r);
    if (!value) return fail(value.error());
    values.push_back(*std::move(value));
  }
  if (values.empty()) return fail(Errc::bad_command);
  const auto name = values[0].string();
  // ffmpeg as a server sends an onFCPublish that is a name and nothing else.
  const auto transaction = values.size() > 1 ? values[1].number() : 0;
  if (!name || !transaction) return fail(Errc::bad_command);

  Command command{.name = std::string(*name), .transaction = *transaction, .object = {}, .arguments = {}};
  if (values.size() > 2) {
    command.object = std::move(values[2]);
    values.erase(values.begin(), values.begin() + 3);
    command.arguments = std::move(values);
  }
  return command;
}

void write_command(ByteWriter& out, std::uint32_t stream, const Command& command) {
  Bytes body;
  ByteWriter w(body);
  amf::write_amf0(w, command.name);
  amf::write_amf0(w, command.transaction);
  amf::write_amf0(w, command.object);
  for (const auto& argument : command.arguments) amf::write_amf0(w, argument);
  const auto chunks = stream == 0 ? kCommandChunks : kStatusChunks;
  write_message(out, {.chunk_stream = chunks, .type = MessageType::command, .stream = stream}, {{BytesView(body)}});
}

Command result_of(double transaction, amf::Value object, amf::Array arguments) {
  return {
      .name = "_result", .transaction = transaction, .object = std::move(object), .arguments = std::move(arguments)};
}

Command error_of(double transaction, std::string_view code, std::string_view description) {
  return {.name = "_error",
          .transaction = transaction,
          .object = amf::Null{},
          .arguments = {info("error", code, description)}};
}

Command connect_result(double transaction, double object_encoding) {
  // Clients decide by these what the server can do; the values are those of a Flash Media Server 3.5.
  amf::Object server = {{"fmsVer", "FMS/3,5,7,7009"}, {"capabilities", 31}, {"mode", 1}};
  auto status = info("status", "NetConnection.Connect.Success", "Connection succeeded.");
  status.emplace_back("objectEncoding", object_encoding);
  return result_of(transaction, std::move(server), {std::move(status)});
}

Command connect_refusal(double transaction, std::string_view description, std::string_view redirect) {
  Command refusal = error_of(transaction, "NetConnection.Connect.Rejected", description);
  if (!redirect.empty()) {
    auto& members = std::get<amf::Object>(refusal.arguments.front().is);
    members.emplace_back("ex", amf::Object{{"code", 302}, {"redirect", redirect}});
  }
  return refusal;
}

Command on_status(std::string_view level, std::string_view code, std::string_view description) {
  return {.name = "onStatus", .transaction = 0, .object = amf::Null{}, .arguments = {info(level, code, description)}};
}

Command on_fc(std::string_view name, std::string_view code, std::string_view description) {
  return {.name = std::string(name),
          .transaction = 0,
          .object = amf::Null{},
          .arguments = {amf::Object{{"code", code}, {"description", description}}}};
}

}  // namespace sluice::rtmp
