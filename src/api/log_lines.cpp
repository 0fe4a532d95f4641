#include "api/log_lines.hpp"

#include <array>

#include "api/collection.hpp"
#include "core/log.hpp"

namespace sluice::api {
namespace {

using log::RecentLine;

constexpr std::size_t kPage = 100;

std::optional<std::string> nonempty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Fields<RecentLine> make_fields() {
  Fields<RecentLine> out;
  out.add({.name = "id",
           .type = FieldType::integer,
           .doc = "Counts the lines since the server was started.",
           .always = true},
          [](const RecentLine& line) { return line.id; })
      .add({.name = "time", .type = FieldType::integer, .doc = "When it was written.", .unit = "UTC ms"},
           [](const RecentLine& line) { return line.time; })
      .add({.name = "level", .doc = "How bad it is.", .words = {"debug", "info", "notice", "warning", "error"}},
           [](const RecentLine& line) { return log::name_of(line.level); })
      .add({.name = "message", .doc = "What happened.", .searched = true},
           [](const RecentLine& line) -> const std::string& { return line.message; })
      .add({.name = "details", .doc = "To whom and with what: `stream=cam peer=192.0.2.7`.", .searched = true},
           [](const RecentLine& line) { return nonempty(line.details); })
      .add({.name = "repeated", .type = FieldType::integer, .doc = "How many more lines of its kind were left out."},
           [](const RecentLine& line) { return line.repeated == 0 ? std::nullopt : std::optional(line.repeated); });
  return out;
}

const Fields<RecentLine>& line_fields() {
  static const auto fields = make_fields();
  return fields;
}

Task<net::HttpResponse> list_lines(Call call) {
  co_return co_await list_answer(call, line_fields(), log::recent(), std::chrono::milliseconds(0));
}

}  // namespace

std::span<const Endpoint> log_endpoints() {
  static const std::array all{Endpoint{
      .method = "GET",
      .path = "log",
      .rights = Rights::view,
      .doc = "The newest lines of the log, a thousand at most.",
      .handle = list_lines,
      .listed = Listed{.plural = "lines", .fields = [] { return line_fields().info(); }, .key = "id", .limit = kPage}}};
  return all;
}

}  // namespace sluice::api
