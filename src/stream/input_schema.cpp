#include "stream/input_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <vector>

#include "config/syntax.hpp"

namespace sluice::stream {
namespace {

namespace json = boost::json;

using config::Argument;
using config::Fault;
using config::Reader;
using config::row;
using config::Schema;
using config::shown;
using config::Statement;
using config::Support;
using namespace std::chrono_literals;

constexpr std::string_view kSchemeEnd = "://";
constexpr std::size_t kMaxInputs = 100;
constexpr std::size_t kMaxUrl = 4096;  ///< bytes

/// The options that every input has.
Schema<InputConfig> common_options() {
  Schema<InputConfig> schema("input", "option", "Options of every input, behind its URL.");
  auto priority = config::value_row<InputConfig, std::uint32_t>(
      {.name = "priority",
       .doc = "1 is best; inputs of the same priority are not switched back to. Default: the place in the list."},
      config::integer<std::uint32_t>(1, 1000), std::nullopt,
      [](const InputConfig& from) { return std::optional(from.priority); },
      [](InputConfig& to, std::optional<std::uint32_t> value) { to.priority = value.value_or(to.priority); });
  schema.add(std::move(priority))
      .add(row("source_timeout", config::seconds_or_never(0s, kLongestTimeout), &InputConfig::source_timeout,
               "Without a frame for so long the source counts as lost; goes before the value of the stream. Default: "
               "60, and 0 "
               "for publish://."))
      .add(row("comment", config::text(), &InputConfig::comment, "A note for people."))
      .add_bare(Support::not_yet,
                {{"video_timeout", "Without a video frame for so long the source counts as lost."},
                 {"audio_timeout", "Without an audio frame for so long the source counts as lost."},
                 {"timeout", "Without a frame for so long the backup is shown while the input stays connected."},
                 {"frames_timeout", "Without a frame for so long an event is raised."},
                 {"max_retry_timeout", "The longest pause between two attempts to connect."},
                 {"no_clients_reconnect_delay", "The input does not start while the stream has no viewers."},
                 {"allow_if", "A file whose content 1 or 0 allows the input."},
                 {"deny_if", "A file whose content 1 or 0 forbids the input."},
                 {"output_audio", "Converts the audio at ingest.", {"aac"}},
                 {"user_agent", "What the input calls itself."},
                 {"headers", "Headers of the input's requests."},
                 {"via", "The agent through which the input is fetched."},
                 {"cluster_key", "The key for another server of the cluster."},
                 {"max_bitrate", "An input above this many kbit/s is disconnected."},
                 {"remote_dvr", "How the archive of the server behind the input is used."},
                 {"bind_ip", "The local address that the input uses."},
                 {"output_dts_shift", "A fixed shift of the decoding times."}});
  return schema;
}

/// "publish://", cut into what stands before "://", behind it, and behind the '?'.
struct UrlParts {
  std::string_view scheme;
  std::string_view address;
  std::string_view query;
};

std::optional<UrlParts> cut(std::string_view url) {
  const auto scheme_end = url.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos || scheme_end == 0) return std::nullopt;
  UrlParts parts{.scheme = url.substr(0, scheme_end), .address = url.substr(scheme_end + kSchemeEnd.size())};
  if (const auto question = parts.address.find('?'); question != std::string_view::npos) {
    parts.query = parts.address.substr(question + 1);
    parts.address = parts.address.substr(0, question);
  }
  return parts;
}

/// The options in a URL's query, as statements. REQUIRES: `query` is a part of `url`.
std::vector<Statement> query_statements(const Argument& url, std::string_view query) {
  std::vector<Statement> out;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    const auto equals = pair.find('=');
    Argument argument{
        .text = std::string(pair), .key_size = equals == std::string_view::npos ? 0 : equals, .at = url.at};
    argument.at.column += static_cast<std::uint32_t>(pair.data() - url.text.data());
    argument.after = url.after;
    if (!pair.empty()) out.push_back(config::as_statement(argument));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
  }
  return out;
}

/// The schemes as rows of the reference.
std::shared_ptr<const config::SchemaInfo> scheme_info(std::span<const InputScheme> schemes) {
  config::SchemaInfo info{.place = "input URL", .noun = "scheme", .doc = "What an input can come from."};
  for (const InputScheme& scheme : schemes) {
    info.rows.push_back({.name = scheme.name + std::string(kSchemeEnd),
                         .syntax = scheme.form,
                         .doc = scheme.doc,
                         .support = scheme.support});
  }
  return std::make_shared<const config::SchemaInfo>(std::move(info));
}

/// Reads and writes inputs; knows every scheme with all options that an input of it may have.
class InputTable {
 public:
  explicit InputTable(std::span<const InputScheme> schemes) {
    const auto common = common_options();
    infos_.push_back(scheme_info(schemes));
    infos_.push_back(common.share_info());
    for (const InputScheme& scheme : schemes) {
      Schema<InputConfig> options("input " + scheme.form, "option", scheme.doc);
      options.include(common);
      for (const auto& own : scheme.options.rows()) options.add(config::within(own, &InputConfig::options));
      if (scheme.support == Support::supported) infos_.push_back(options.share_info());
      entries_.push_back({scheme, std::move(options)});
    }
  }

  void read(Reader& in, const Statement& statement, StreamConfig& target) const {
    const auto step = in.enter(target.inputs.size());
    auto input = read_input(in, statement);
    if (input && !has_priority(statement)) input->priority = next_place(target);
    if (input) add(in, *std::move(input), target);
  }

  void from_json(Reader& in, const json::value& json, StreamConfig& target) const {
    target.inputs.clear();
    const auto* entries = in.array(json);
    for (std::size_t i = 0; entries != nullptr && i < entries->size() && !in.full(); ++i) {
      const auto step = in.enter(i);
      const auto* entry = in.object((*entries)[i]);
      auto input = entry == nullptr ? std::nullopt : read_input(in, *entry, next_place(target));
      if (input) add(in, *std::move(input), target);
    }
  }

  [[nodiscard]] json::array to_json(const StreamConfig& value) const {
    json::array out;
    for (const InputConfig& input : value.inputs) {
      auto& entry = out.emplace_back(json::object{{"url", input.url}}).get_object();
      const auto plain = read_url(input.url, static_cast<std::uint32_t>(out.size()));
      if (!plain) continue;
      for (auto& option : find(input.scheme)->options.to_json(input, *plain)) {
        entry.insert(std::move(option));
      }
    }
    return out;
  }

  void write(config::Printer& out, const StreamConfig& value, const StreamConfig& base) const {
    if (value.inputs == base.inputs) return;
    if (value.inputs.empty()) out.statement("input", std::vector<std::string>{"false"});
    std::uint32_t place = 0;
    for (const InputConfig& input : value.inputs) {
      std::vector<std::string> words{config::as_word(input.url)};
      if (const auto plain = read_url(input.url, ++place)) {
        std::ranges::move(find(input.scheme)->options.options(input, *plain), std::back_inserter(words));
      }
      out.statement("input", words);
    }
  }

  [[nodiscard]] const std::vector<std::shared_ptr<const config::SchemaInfo>>& infos() const { return infos_; }

  /// An input with the options of every scheme.
  [[nodiscard]] json::object json_schema() const {
    json::object properties{{"url", {{"type", "string"}, {"description", "What it comes from: `publish://`."}}}};
    for (const Entry& entry : entries_) {
      if (entry.scheme.support != Support::supported) continue;
      const auto options = config::schema_of(entry.options.info());
      for (const auto& option : options.at("properties").get_object()) properties.insert(option);
    }
    return {{"type", "object"}, {"required", {"url"}}, {"properties", std::move(properties)}};
  }

 private:
  struct Entry {
    InputScheme scheme;
    Schema<InputConfig> options;
  };

  [[nodiscard]] const Entry* find(std::string_view scheme) const {
    const auto found =
        std::ranges::find(entries_, scheme, [](const Entry& entry) { return std::string_view(entry.scheme.name); });
    return found == entries_.end() ? nullptr : &*found;
  }

  /// What the URL alone says of an input at that place in the list: the rest must be written beside it.
  [[nodiscard]] std::optional<InputConfig> read_url(const std::string& url, std::uint32_t place) const {
    config::Diagnostics ignored({});
    Reader in(ignored, *infos_.front());
    auto plain = read_input(in, {.name = "input", .args = {{.text = url}}});
    if (plain) plain->priority = place;
    return plain;
  }

  static std::uint32_t next_place(const StreamConfig& stream) {
    return static_cast<std::uint32_t>(stream.inputs.size() + 1);
  }

  /// Appends the input, or reports why it may not stand there.
  static void add(Reader& in, InputConfig input, StreamConfig& target) {
    const auto at = input.origin.at;
    if (target.inputs.size() == kMaxInputs) return in.error(at, fmt::format("more than {} inputs", kMaxInputs));
    const auto same = std::ranges::find(target.inputs, input.url, &InputConfig::url);
    if (same == target.inputs.end()) {
      target.inputs.push_back(std::move(input));
      return;
    }
    const auto line = same->origin.at.line;
    const auto from = line == 0 ? "" : fmt::format(", from line {}", line);
    in.error(at, shown(input.url) + " is already an input" + from, {}, Fault::repeated);
  }

  [[nodiscard]] std::optional<InputConfig> read_input(Reader& in, const json::object& json, std::uint32_t place) const {
    static const auto kind = config::text("URL", kMaxUrl);
    const auto* found = json.if_contains("url");
    std::optional<std::string> url;
    {
      const auto step = in.enter("url");
      url = in.value(found == nullptr ? json::value() : *found, kind);
    }
    auto input = url ? read_input(in, {.name = "input", .args = {{.text = *url}}}) : std::nullopt;
    if (!input) return std::nullopt;
    input->priority = place;
    const InputOptions by_url = input->options;
    const Entry& entry = *find(input->scheme);
    entry.options.from_json(in, json, *input);
    // What the URL says stays as it is: a file could not hold both.
    const Argument written{.text = *url};
    for (const Statement& option : query_statements(written, cut(written.text)->query)) {
      const auto* row = entry.scheme.options.find(option.name);
      if (row == nullptr) continue;  // which has been said
      const auto& name = row->info.name;
      const auto step = in.enter(name);
      const auto now = input->options.find(name);
      const auto before = by_url.find(name);
      if (now == input->options.end() || (before != by_url.end() && now->second == before->second)) continue;
      in.error({}, shown(name) + " is already set in the URL", {}, Fault::repeated);
    }
    return input;
  }

  [[nodiscard]] std::optional<InputConfig> read_input(Reader& in, const Statement& statement) const {
    if (statement.has_block) {
      in.ends_after(statement, statement.args.size());
      return std::nullopt;
    }
    const Entry* entry = entry_of(in, statement);
    if (entry == nullptr) return std::nullopt;
    const InputScheme& scheme = entry->scheme;
    const Argument& written = statement.args.front();
    InputConfig input{.scheme = scheme.name, .url = written.text, .origin = {statement.at}};
    scheme.options.reset(input.options);
    auto options = query_statements(written, cut(written.text)->query);
    std::erase_if(options, [&](const Statement& option) {
      const bool unknown = scheme.options.find(option.name) == nullptr;
      if (unknown) in.unknown(option, scheme.options.info());
      return unknown;
    });
    if (!append_options(in, statement, *entry, options)) return std::nullopt;
    entry->options.read(in, std::move(options), input);
    return input;
  }

  /// The row of the scheme that the URL of an `input` has, or null after a message: then that is no URL of the scheme.
  const Entry* entry_of(Reader& in, const Statement& statement) const {
    const auto step = in.enter("url");
    const auto url = in.argument(statement, 0, config::text("URL", kMaxUrl));
    if (!url) return nullptr;
    const auto refuse = [&](const std::string& expected) -> const Entry* {
      in.error(statement.args.front().at, "bad URL " + shown(*url) + " of 'input'", expected, Fault::bad_url);
      return nullptr;
    };
    const auto parts = cut(*url);
    if (!parts) return refuse("a URL like publish:// or fake://fake");
    const Entry* entry = scheme_of(in, statement.args.front(), parts->scheme);
    if (entry == nullptr) return nullptr;
    const InputScheme& scheme = entry->scheme;
    const bool good = scheme.accepts(parts->address) && (parts->query.empty() || scheme.query_options);
    return good ? entry : refuse(scheme.form);
  }

  /// The row of a URL's scheme, or null after a message.
  const Entry* scheme_of(Reader& in, const Argument& url, std::string_view scheme) const {
    const Entry* entry = find(scheme);
    const std::string written = std::string(scheme) + std::string(kSchemeEnd);
    if (entry == nullptr) {
      std::vector<std::string_view> names;
      names.reserve(entries_.size());
      for (const Entry& known : entries_) names.push_back(known.scheme.name);
      in.error(url.at, "unknown scheme " + shown(written) + " of 'input'" + config::did_you_mean(scheme, names), {},
               Fault::bad_url);
      return nullptr;
    }
    if (entry->scheme.support == Support::supported) return entry;
    in.error(url.at, shown(written) + " is not supported yet", {}, Fault::not_supported);
    return nullptr;
  }

  /// Adds the options behind the URL. False, after a message, where the directive runs on into the next one.
  static bool append_options(Reader& in, const Statement& statement, const Entry& entry, std::vector<Statement>& into) {
    for (std::size_t i = 1; i < statement.args.size(); ++i) {
      auto option = config::as_statement(statement.args[i]);
      if (entry.options.find(option.name) == nullptr && in.runs_on(statement, i)) return false;
      into.push_back(std::move(option));
    }
    return true;
  }

  static bool has_priority(const Statement& statement) {
    return std::ranges::any_of(statement.args, [](const Argument& argument) { return argument.key() == "priority"; });
  }

  std::vector<Entry> entries_;
  std::vector<std::shared_ptr<const config::SchemaInfo>> infos_;
};

}  // namespace

config::Row<StreamConfig> input_row(std::span<const InputScheme> schemes) {
  const auto table = std::make_shared<const InputTable>(schemes);
  config::Row<StreamConfig> row{
      .info = {.name = "input",
               .syntax = "URL [OPTION=VALUE...]",
               .doc = "Where the stream comes from. Several inputs stand in for each other, the first first.",
               .old_names = {"url"},
               .repeatable = true,
               .blocks = table->infos(),
               .json = {.path = "inputs", .schema = {{"type", "array"}, {"items", table->json_schema()}}}}};
  row.read = [table](Reader& in, const Statement& statement, StreamConfig& target) {
    table->read(in, statement, target);
  };
  row.unset = [](StreamConfig& target) { target.inputs.clear(); };
  row.write = [table](config::Printer& out, const StreamConfig& value, const StreamConfig& base) {
    table->write(out, value, base);
  };
  row.to_json = [table](const StreamConfig& from) { return table->to_json(from); };
  row.from_json = [table](Reader& in, const json::value& json, StreamConfig& target) {
    table->from_json(in, json, target);
  };
  return row;
}

}  // namespace sluice::stream
