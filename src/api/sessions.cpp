#include "api/sessions.hpp"

#include <array>

#include "access/sessions.hpp"
#include "api/collection.hpp"

namespace sluice::api {
namespace {

using access::SessionStatus;

constexpr std::array<std::string_view, 1> kSort{"opened_at"};

std::optional<std::string> nonempty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

template <std::string access::SessionInfo::* kMember>
std::optional<std::string> text_of(const SessionStatus& session) {
  return nonempty((*session.info).*kMember);
}

Task<net::HttpResponse> list_sessions(Call call) {
  const auto began = std::chrono::steady_clock::now();
  auto items = co_await gather_sessions(call.api);
  const auto load = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  co_return co_await list_answer(call, session_fields(), std::move(items), load);
}

Task<net::HttpResponse> get_session(Call call) {
  const auto all = co_await gather_sessions(call.api);
  for (const SessionStatus& session : all) {
    if (session.info->id == call.names[0]) co_return json_answer(session_fields().json(session, call.rights));
  }
  co_return error_answer(404, "not_found", call.names[0]);
}

Task<net::HttpResponse> close_session(Call call) {
  const std::string id = call.names[0];
  bool found = false;
  for (const ShardContext& there : call.api.shards) {
    found |= co_await call_on(there.shard, [&there, id] { return there.sessions.close(id, there.shard.now()); });
  }
  if (!found) co_return error_answer(404, "not_found", id);
  // Its next request may come to a shard that has not seen it yet.
  for (const ShardContext& there : call.api.shards) {
    there.shard.post([&there, id] { there.sessions.refuse(id, there.shard.now()); });
  }
  co_return done_answer();
}

Fields<SessionStatus> make_fields() {
  Fields<SessionStatus> out;
  out.add({.name = "id", .doc = "UUID of the session.", .always = true, .searched = true},
          [](const SessionStatus& session) { return session.info->id; })
      .add({.name = "type", .doc = "What it does.", .words = {"play", "publish"}},
           [](const SessionStatus& session) { return to_string(session.info->type); })
      .add({.name = "name", .doc = "The stream.", .searched = true}, text_of<&access::SessionInfo::name>)
      .add({.name = "proto", .doc = "The protocol: `hls`, `tshttp`, `flv`, `rtmp`."},
           text_of<&access::SessionInfo::proto>)
      .add({.name = "ip", .doc = "The address of the client.", .searched = true}, text_of<&access::SessionInfo::ip>)
      .add({.name = "token", .doc = "The token that the client gave."}, text_of<&access::SessionInfo::token>)
      .add({.name = "user_agent", .doc = "What the client calls itself.", .searched = true},
           text_of<&access::SessionInfo::user_agent>)
      .add({.name = "referer", .doc = "The page that the client says it comes from."},
           text_of<&access::SessionInfo::referer>)
      .add({.name = "query_string", .doc = "The query of the client's first request."},
           text_of<&access::SessionInfo::query_string>)
      .add({.name = "bytes",
            .type = FieldType::integer,
            .doc = "What went to a viewer or came from a publisher.",
            .unit = "bytes"},
           [](const SessionStatus& session) { return session.bytes; })
      .add({.name = "opened_at", .type = FieldType::integer, .doc = "When it began.", .unit = "UTC ms"},
           [](const SessionStatus& session) { return session.info->opened_at; })
      .add({.name = "updated_at",
            .type = FieldType::integer,
            .doc = "When the client was last served.",
            .unit = "UTC ms"},
           [](const SessionStatus& session) { return session.updated_at; });
  return out;
}

}  // namespace

const Fields<SessionStatus>& session_fields() {
  static const auto fields = make_fields();
  return fields;
}

Task<std::vector<SessionStatus>> gather_sessions(const Context& api) {
  access::SessionList list;
  Slices slices;
  for (const ShardContext& there : api.shards) {
    auto part = co_await run_on(there.shard, there.tasks, [&there] { return there.sessions.list(); });
    for (SessionStatus& session : part) {
      if (slices.due()) co_await slices.next();
      list.add(std::move(session));
    }
  }
  co_return list.take();
}

Task<std::unordered_map<std::string, std::size_t>> count_viewers(const Context& api) {
  std::unordered_map<std::string, std::size_t> out;
  const auto sessions = co_await gather_sessions(api);
  Slices slices;
  for (const SessionStatus& session : sessions) {
    if (slices.due()) co_await slices.next();
    if (session.info->type == access::SessionType::play) ++out[session.info->name];
  }
  co_return out;
}

std::span<const Endpoint> session_endpoints() {
  static const std::array all{
      Endpoint{
          .method = "GET",
          .path = "sessions",
          .rights = Rights::view,
          .doc = "Who plays and publishes now.",
          .handle = list_sessions,
          .listed =
              Listed{
                  .plural = "sessions", .fields = [] { return session_fields().info(); }, .key = "id", .sort = kSort}},
      Endpoint{.method = "GET",
               .path = "sessions/{id}",
               .rights = Rights::view,
               .doc = "One session.",
               .handle = get_session},
      Endpoint{.method = "DELETE",
               .path = "sessions/{id}",
               .rights = Rights::edit,
               .doc = "Closes a session: its connection ends, or its next requests are refused for a while.",
               .handle = close_session},
  };
  return all;
}

}  // namespace sluice::api
