#include "app/server_schema.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/config_json.hpp"
#include "app/server_config.hpp"
#include "protocol/input_schemes.hpp"

namespace sluice::app {
namespace {

using stream::InputConfig;
using stream::MergeWindow;
using stream::Prepush;
using stream::StreamConfig;
using stream::TemplateConfig;

template <class I>
I any(I least, I most) {
  return *rc::gen::inRange<I>(least, most + 1);
}

/// Any text, with everything in it that means something to the language.
std::string any_text() {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "a", "false", "on", " ", ";", "{", "}", "\"", "\\", "#", "=", ",", "://", "@", "%s", "é", "\\\""));
  std::string out;
  for (const auto& piece : pieces) out += piece;
  return out;
}

std::chrono::seconds any_timeout() {
  return *rc::gen::arbitrary<bool>() ? stream::kNever : std::chrono::seconds(any<std::int64_t>(0, 1'000'000));
}

Prepush any_prepush() {
  const auto mode = *rc::gen::element(Prepush::Mode::off, Prepush::Mode::gop, Prepush::Mode::seconds);
  return {mode, std::chrono::seconds(mode == Prepush::Mode::seconds ? any(1, 60) : 0)};
}

MergeWindow any_merge_window() {
  switch (any(0, 2)) {
    case 0: return {MergeWindow::Mode::none, std::chrono::milliseconds(0)};
    case 1: return {};
    default: return {MergeWindow::Mode::time, std::chrono::milliseconds(any(1, 1000))};
  }
}

std::vector<InputConfig> any_inputs() {
  std::vector<InputConfig> out;
  const auto count = any<std::uint32_t>(0, 4);
  for (std::uint32_t place = 1; place <= count; ++place) {
    InputConfig input{.scheme = "publish", .url = "publish://", .priority = place};
    if (place > 1 || *rc::gen::arbitrary<bool>()) {
      const auto width = std::to_string(2 * any(64, 3840));
      const auto fps = std::to_string(place);  // so that no URL is there twice
      input.scheme = "fake";
      input.url = "fake://fake?fps=" + fps;
      input.options = {
          {"width", width}, {"height", "240"}, {"bitrate", std::to_string(any(10, 200'000))}, {"fps", fps}};
    }
    if (*rc::gen::arbitrary<bool>()) input.priority = any<std::uint32_t>(1, 1000);
    if (*rc::gen::arbitrary<bool>()) input.source_timeout = any_timeout();
    input.comment = any_text();
    out.push_back(std::move(input));
  }
  return out;
}

stream::Pids any_pids() {
  stream::Pids out;
  for (const std::string name : {"pmt", "sdt", "pcr", "v1", "a0", "a12", "t99"}) {
    const auto each = static_cast<std::uint16_t>(1000 * out.size());
    if (*rc::gen::arbitrary<bool>()) out[name] = static_cast<std::uint16_t>(each + any<std::uint16_t>(0x20, 999));
  }
  return out;
}

/// `base` with some of its values replaced.
StreamConfig any_stream(StreamConfig base, std::string name) {
  const auto maybe = [](auto& member, auto make) {
    if (*rc::gen::arbitrary<bool>()) member = make();
  };
  base.name = std::move(name);
  maybe(base.inputs, any_inputs);
  maybe(base.is_static, [] { return *rc::gen::arbitrary<bool>(); });
  maybe(base.disabled, [] { return *rc::gen::arbitrary<bool>(); });
  maybe(base.title, any_text);
  maybe(base.comment, any_text);
  maybe(base.password, any_text);
  maybe(base.segment_duration, [] { return std::chrono::milliseconds(any(1000, 15'000)); });
  maybe(base.segment_count, [] { return any<std::uint32_t>(2, 200); });
  maybe(base.chunk_duration, [] { return std::chrono::milliseconds(any(50, 2000)); });
  maybe(base.prepush, any_prepush);
  maybe(base.merge_window, any_merge_window);
  maybe(base.url_prefix, [] { return *rc::gen::element<std::string>("", "http://cdn/#a", "x=y"); });
  maybe(base.add_audio_only, [] { return *rc::gen::arbitrary<bool>(); });
  maybe(base.provider, any_text);
  maybe(base.mpegts_pids, any_pids);
  maybe(base.source_timeout, any_timeout);
  maybe(base.clients_timeout, any_timeout);
  return base;
}

ServerConfig any_config() {
  ServerConfig config;
  config.loglevel = static_cast<LogLevel>(any(0, 7));
  config.log_format = *rc::gen::element(log::Format::text, log::Format::json);
  config.log_requests = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) config.access_log = "/var/log/access.log";
  config.http.push_back({"", any<std::uint16_t>(1, 1000), *rc::gen::arbitrary<bool>(), {}});
  config.rtmp.push_back({"::1", any<std::uint16_t>(1001, 2000), true, {}});
  if (*rc::gen::arbitrary<bool>()) config.api_access.edit_auth = access::Login{"admin", "p w;\"x"};
  if (*rc::gen::arbitrary<bool>()) config.api_access.view_auth = access::Login{"false", "5"};
  if (*rc::gen::arbitrary<bool>()) {
    config.api_access.api_allowed_from = {*access::Network::parse("10/8"), *access::Network::parse("fd00::/8")};
  }
  if (*rc::gen::arbitrary<bool>()) config.stream_defaults.url_prefix = "http://defaults/";
  config.stream_defaults.merge_window = any_merge_window();
  for (int i = any(0, 3); i > 0; --i) {
    const auto name = "t/" + std::to_string(i);
    config.templates.push_back({any_stream(config.stream_defaults, name), {name, name + "/x"}});
  }
  for (int i = any(0, 3); i > 0; --i) {
    auto base = config.stream_defaults;
    if (!config.templates.empty() && *rc::gen::arbitrary<bool>()) {
      base = config.templates.front().options;
      base.template_name = base.name;
    }
    config.streams.push_back(any_stream(std::move(base), "s" + std::to_string(i)));
  }
  return config;
}

RC_GTEST_PROP(ServerSchema, EveryConfigThatIsWrittenIsReadBack, ()) {
  const auto config = any_config();
  const auto text = to_text(config);
  const auto again = parse_config(text, "f");
  if (!again) RC_FAIL(to_string(again.error().front()) + "\n" + text);
  RC_ASSERT(*again == config);
}

RC_GTEST_PROP(ServerSchema, EveryConfigIsTheSameInJson, ()) {
  const auto config = any_config();
  const auto json = to_json(config);
  const auto again = config_from_json(json);
  if (!again) RC_FAIL(to_string(again.error().front()) + "\n" + boost::json::serialize(json));
  RC_ASSERT(*again == config);
  RC_ASSERT(to_json(*again) == json);
}

TEST(ServerSchema, EveryRowHasItsSideInJson) {
  const auto check = [](const auto& schema) {
    for (const auto& row : schema.rows()) {
      if (row.info.support != config::Support::supported) continue;
      EXPECT_TRUE(row.to_json && row.from_json) << schema.place() << " " << row.info.name;
      EXPECT_FALSE(row.info.json.schema.empty()) << schema.place() << " " << row.info.name;
    }
  };
  check(server_schema());
  check(protocol::template_schema());
}

TEST(ServerSchema, EveryRowHasADescription) {
  const auto check = [](const auto& self, const config::SchemaInfo& place) -> void {
    for (const auto& row : place.rows) {
      EXPECT_TRUE(row.doc.ends_with('.')) << place.place << " " << row.name;
      for (const auto& block : row.blocks) self(self, *block);
    }
  };
  check(check, server_schema().info());
}

}  // namespace
}  // namespace sluice::app
