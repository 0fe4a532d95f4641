#include "api/object_api.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "api/answer.hpp"
#include "api/collection.hpp"
#include "api/config_access.hpp"
#include "api/config_answer.hpp"
#include "api/config_fields.hpp"
#include "api/streams.hpp"
#include "config/json_pointer.hpp"
#include "protocol/input_schemes.hpp"

namespace sluice::api {
namespace {

namespace json = boost::json;
using Object = ConfigAccess::Object;

net::HttpResponse not_found(const Call& call) { return error_answer(404, "not_found", call.names[0]); }

/// An object as it is answered: all values, and those of its own beside them.
json::object object_json(Object object) {
  auto out = std::move(object.effective);
  out["position"] = object.position;
  out["config_on_disk"] = std::move(object.own);
  return out;
}

// --- streams ------------------------------------------------------------------------------------------------------

/// The stream of that name, with what runs; nothing where it is neither configured nor running.
Task<std::optional<json::object>> find_stream(const Call& call) {
  const std::string& name = call.names[0];
  auto configured = call.api.config->find(ObjectKind::stream, name);
  auto running = co_await gather_stream(call.api, name);
  if (!configured && !running) co_return std::nullopt;
  auto out = configured ? object_json(*std::move(configured)) : json::object();
  if (!running) {
    out["named_by"] = "config";
    co_return out;
  }
  for (auto& member : stream_fields().json(*running, call.rights)) {
    if (!out.contains(member.key())) out.insert(std::move(member));
  }
  co_return out;
}

Task<net::HttpResponse> get_stream(Call call) {
  const auto stream = co_await find_stream(call);
  co_return stream ? config_answer(call, *stream) : not_found(call);
}

Task<net::HttpResponse> put_stream(Call call) {
  auto patch = json_body(call.request);
  if (!patch) co_return std::move(patch.error());
  const auto running = co_await gather_stream(call.api, call.names[0]);
  const bool of_a_template = running && running->status.published;
  const auto done = co_await call.api.config->put(ObjectKind::stream, call.names[0], *std::move(patch),
                                                  of_a_template ? running->status.config : nullptr);
  if (!done) co_return refusal(done.error());
  const auto stream = co_await find_stream(call);
  // Somebody else may have taken it away meanwhile.
  co_return stream ? config_answer(call, *stream) : not_found(call);
}

Task<net::HttpResponse> delete_stream(Call call) {
  const auto removed = co_await call.api.config->remove(ObjectKind::stream, call.names[0]);
  if (!removed) co_return refusal(removed.error());
  const bool stopped = !*removed && co_await call.api.here().registry.stop(call.names[0]);
  co_return *removed || stopped ? done_answer() : not_found(call);
}

Task<net::HttpResponse> stop_stream(Call call) {
  const bool stopped = co_await call.api.here().registry.stop(call.names[0]);
  co_return stopped ? done_answer() : not_found(call);
}

// --- templates ----------------------------------------------------------------------------------------------------

const Fields<Object>& template_fields() {
  static const auto fields = [] {
    Fields<Object> out;
    const auto add = [&out](FieldInfo info) {
      out.add(info, [path = info.name](const Object& object) -> json::value {
        const auto* found = config::find_member(object.effective, path);
        return found == nullptr ? json::value() : *found;
      });
    };
    add({.name = "name", .doc = "Its name.", .always = true, .searched = true});
    for (const auto& row : protocol::template_schema().rows()) {
      if (row.to_json) add(field_of(row.info));
    }
    out.add({.name = "position", .type = FieldType::integer, .doc = "Its place in the config, from 0."},
            [](const Object& object) { return object.position; });
    return out;
  }();
  return fields;
}

Task<net::HttpResponse> list_templates(Call call) {
  auto objects = call.api.config->all(ObjectKind::media_template);
  co_return co_await list_answer(call, template_fields(), std::move(objects), std::chrono::milliseconds(0));
}

net::HttpResponse template_answer(const Call& call) {
  auto found = call.api.config->find(ObjectKind::media_template, call.names[0]);
  return found ? config_answer(call, object_json(*std::move(found))) : not_found(call);
}

Task<net::HttpResponse> get_template(Call call) { co_return template_answer(call); }

Task<net::HttpResponse> put_template(Call call) {
  auto patch = json_body(call.request);
  if (!patch) co_return std::move(patch.error());
  const auto done =
      co_await call.api.config->put(ObjectKind::media_template, call.names[0], *std::move(patch), nullptr);
  co_return done ? template_answer(call) : refusal(done.error());
}

Task<net::HttpResponse> delete_template(Call call) {
  const auto removed = co_await call.api.config->remove(ObjectKind::media_template, call.names[0]);
  if (!removed) co_return refusal(removed.error());
  co_return *removed ? done_answer() : not_found(call);
}

constexpr std::array<std::string_view, 1> kByPosition{"position"};

}  // namespace

std::span<const Endpoint> object_endpoints() {
  static const std::array all{
      Endpoint{.method = "GET",
               .path = "streams/{name}",
               .rights = Rights::view,
               .doc = "A stream: all options in force, those of its own as `config_on_disk`, and its state.",
               .handle = get_stream,
               .answers = "stream"},
      Endpoint{.method = "PUT",
               .path = "streams/{name}",
               .doc = "Merges options into a stream's own and saves them; makes the stream where there is none.",
               .handle = put_stream,
               .takes = "stream_config",
               .answers = "stream"},
      Endpoint{.method = "DELETE",
               .path = "streams/{name}",
               .doc = "Takes a stream out of the config.",
               .handle = delete_stream},
      Endpoint{.method = "POST",
               .path = "streams/{name}/stop",
               .doc = "Stops a stream; a static one begins again at once.",
               .handle = stop_stream},
      Endpoint{
          .method = "GET",
          .path = "templates",
          .rights = Rights::view,
          .doc = "All templates.",
          .handle = list_templates,
          .listed =
              Listed{.plural = "templates", .fields = [] { return template_fields().info(); }, .sort = kByPosition}},
      Endpoint{.method = "GET",
               .path = "templates/{name}",
               .rights = Rights::view,
               .doc = "A template: all options, and those of its own as `config_on_disk`.",
               .handle = get_template,
               .answers = "template"},
      Endpoint{.method = "PUT",
               .path = "templates/{name}",
               .doc = "Merges options into a template's own and saves them; makes the template where there is none.",
               .handle = put_template,
               .takes = "template_config",
               .answers = "template"},
      Endpoint{.method = "DELETE",
               .path = "templates/{name}",
               .doc = "Takes a template out of the config; streams that it made end.",
               .handle = delete_template},
  };
  return all;
}

}  // namespace sluice::api
