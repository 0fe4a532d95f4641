#include "stream/pids_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::stream {
namespace {

namespace json = boost::json;
using config::Argument;
using config::Fault;
using config::Kind;
using config::Reader;
using config::shown;
using config::Statement;

constexpr std::uint16_t kLeast = 0x20;     // below are the tables of ISO/IEC 13818-1 and ETSI EN 300 468
constexpr std::uint16_t kLeastSdt = 0x10;  // which the SDT is one of
constexpr std::uint16_t kMost = 0x1ffe;    // above are null packets
constexpr std::size_t kMaxTrackName = 4;   // as in filter.tracks
constexpr const char* kExpectedJson = "pmt, sdt, pcr, or a track like v1 or a0";
constexpr const char* kExpected = "pmt=PID, sdt=PID, pcr=PID, or a track like v1=PID or a0=PID";

/// A PID as `211`, `0xd3` or `16#d3`.
Kind<std::uint16_t> pid(std::uint16_t least) {
  return {.syntax = "PID",
          .expected = fmt::format("a PID from {} to {}, like 211, 0xd3 or 16#d3", least, kMost),
          .parse = [least](std::string_view word) -> std::optional<std::uint16_t> {
            int base = 10;
            for (const std::string_view hex : {"0x", "16#"}) {
              if (!word.starts_with(hex)) continue;
              word.remove_prefix(hex.size());
              base = 16;
            }
            std::uint16_t value = 0;
            const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
            if (error != std::errc{} || end != word.data() + word.size() || value < least || value > kMost)
              return std::nullopt;
            return value;
          },
          .print = [](const std::uint16_t& value) { return std::to_string(value); },
          .json = config::JsonType::number(least, kMost)};
}

Kind<std::uint16_t> pid_of(std::string_view name) { return pid(name == "sdt" ? kLeastSdt : kLeast); }

/// "v1", or "v0" for all video tracks.
bool names_tracks(std::string_view key) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return key.size() >= 2 && key.size() <= kMaxTrackName && std::string_view("vatd").contains(key[0]) &&
         std::ranges::all_of(key.substr(1), is_digit) && (key[1] != '0' || key.size() == 2);
}

bool is_name(std::string_view key) { return key == "pmt" || key == "sdt" || key == "pcr" || names_tracks(key); }

/// Whether nothing else in the program may have the same PID.
bool is_exclusive(std::string_view name) { return name != "pcr" && !name.ends_with('0'); }

/// Adds a PID, or reports why it may not be.
bool add(Reader& in, config::Position at, std::string_view name, std::uint16_t pid, Pids& pids) {
  const auto same = std::ranges::find_if(pids, [&](const auto& other) {
    return other.first == name || (other.second == pid && is_exclusive(other.first) && is_exclusive(name));
  });
  if (same == pids.end()) return pids.emplace(name, pid).second;
  in.error(at,
           same->first == name ? shown(name) + " is already set"
                               : fmt::format("PID {} is already that of {}", pid, shown(same->first)),
           {}, Fault::repeated);
  return false;
}

void read(Reader& in, const Statement& statement, StreamConfig& target) {
  if (statement.args.empty())
    return in.error(statement.after, shown(statement.name) + " has no value", kExpected, Fault::bad_value);
  Pids pids;
  for (std::size_t i = 0; i < statement.args.size(); ++i) {
    const Argument& argument = statement.args[i];
    const auto name = argument.key();
    if (!is_name(name)) {
      if (name.empty() && in.runs_on(statement, i)) return;
      const auto message = fmt::format("bad value {} of {}", shown(argument.text), shown(statement.name));
      return in.error(argument.at, message, kExpected, Fault::bad_value);
    }
    const auto value = in.argument(config::as_statement(argument), 0, pid_of(name));
    if (!value || !add(in, argument.at, name, *value, pids)) return;
  }
  if (in.ends_after(statement, statement.args.size())) target.mpegts_pids = std::move(pids);
}

void write(config::Printer& out, const StreamConfig& value, const StreamConfig& base) {
  if (value.mpegts_pids == base.mpegts_pids) return;
  std::vector<std::string> words;
  for (const auto& [name, pid] : value.mpegts_pids) words.push_back(fmt::format("{}={}", name, pid));
  if (words.empty()) words.emplace_back("false");
  out.statement("mpegts_pids", words);
}

json::value to_json(const StreamConfig& from) {
  json::object out;
  for (const auto& [name, pid] : from.mpegts_pids) out[name] = pid;
  return out;
}

void from_json(Reader& in, const json::value& json, StreamConfig& target) {
  const auto* object = in.object(json);
  if (object == nullptr) return;
  Pids pids;
  for (const auto& [name, written] : *object) {
    const auto step = in.enter(name);
    if (!is_name(name))
      return in.error({}, "unknown name " + shown(std::string_view(name)), kExpectedJson, Fault::bad_value);
    const auto value = in.value(written, pid_of(name));
    if (!value || !add(in, {}, name, *value, pids)) return;
  }
  target.mpegts_pids = std::move(pids);
}

json::object json_schema() {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", "^(pmt|sdt|pcr|[vatd](0|[1-9][0-9]{0,2}))$"}}},
          {"additionalProperties", {{"type", "integer"}, {"minimum", kLeastSdt}, {"maximum", kMost}}}};
}

}  // namespace

config::Row<StreamConfig> mpegts_pids_row() {
  config::Row<StreamConfig> row{
      .info = {.name = "mpegts_pids",
               .syntax = "NAME=PID...",
               .doc =
                   "The PIDs in MPEG-TS, by name: `pmt`, `sdt`, `pcr`, a track (`v1`), or a base for all tracks of a "
                   "kind (`a0=220`: a1 gets 221). `16#fb` is 251. What is not said here is chosen."}};
  row.info.json.schema = json_schema();
  row.read = read;
  row.unset = [](StreamConfig& target) { target.mpegts_pids.clear(); };
  row.write = write;
  row.to_json = to_json;
  row.from_json = from_json;
  return row;
}

}  // namespace sluice::stream
