#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/amf/amf.hpp"
#include "protocol/rtmp/message.hpp"

namespace sluice::rtmp {

/// A remote procedure call or its answer: Adobe RTMP 1.0 section 7.2.
struct Command {
  std::string name;
  double transaction = 0;  ///< 0: no answer is wanted; an answer carries the number of its call
  amf::Value object;       ///< the command object; null for most commands
  amf::Array arguments;

  /// The argument of that index, or undefined where there are fewer.
  [[nodiscard]] const amf::Value& argument(std::size_t index) const;
  /// The same as text; empty where it is none.
  [[nodiscard]] std::string_view text(std::size_t index) const;
};

/// Reads a message of type command or command_amf3. Errors: bad_command, and amf's for broken values.
Result<Command> read_command(const Message& message);

/// Appends a command message in AMF 0 on message stream `stream`.
void write_command(ByteWriter& out, std::uint32_t stream, const Command& command);

/// Answers to calls: `_result` and `_error` for the call with that number.
Command result_of(double transaction, amf::Value object, amf::Array arguments);
Command error_of(double transaction, std::string_view code, std::string_view description);

/// What a client wants to read in the answer to `connect`. `object_encoding` as it asked for: 0 or 3.
Command connect_result(double transaction, double object_encoding);

/// The refusal of `connect`. With a `redirect` (an RTMP URL) the client is sent there, as Flash Media Server does it.
Command connect_refusal(double transaction, std::string_view description, std::string_view redirect);

/// `onStatus` of section 7.2.2. Level is "status", "warning" or "error"; code such as "NetStream.Play.Start".
Command on_status(std::string_view level, std::string_view code, std::string_view description);

/// `onFCPublish`, `onFCUnpublish`, `onFCSubscribe`: what Flash Media Server calls when the call of that name was heard,
/// and what encoders of its time wait for. Stands in no specification.
Command on_fc(std::string_view name, std::string_view code, std::string_view description);

}  // namespace sluice::rtmp
