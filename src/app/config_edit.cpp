#include "app/config_edit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "app/server_schema.hpp"
#include "config/suggest.hpp"
#include "config/syntax.hpp"

namespace sluice::app {
namespace {

using config::Diagnostics;
using config::Statement;

/// What a statement of the outermost place is about: a directive, or one entry of a list.
struct Key {
  std::string directive;
  std::string entry;  // "" for what can be there once

  auto operator<=>(const Key&) const = default;
};

std::string to_string(const Key& key) {
  return key.entry.empty() ? config::shown(key.directive)
                           : fmt::format("{} {}", key.directive, config::shown(key.entry));
}

bool is_object(std::string_view directive) { return directive == "stream" || directive == "template"; }

Key key_of(const Statement& statement) {
  const auto* row = server_schema().find(statement.name);
  if (row == nullptr) return {.directive = statement.name, .entry = {}};
  const bool entry = row->info.repeatable && !statement.args.empty();
  return {.directive = row->info.name, .entry = entry ? statement.args.front().text : std::string()};
}

/// The canonical text of everything that a config says, in its order.
class Canonical {
 public:
  explicit Canonical(const ServerConfig& config) : text_(to_text(config)) {
    Diagnostics none("");
    for (const Statement& statement : config::parse(text_, none)) {
      const std::string_view text(text_);
      auto key = key_of(statement);
      const bool fresh = texts_.emplace(key, text.substr(statement.begin, statement.end - statement.begin)).second;
      (fresh ? keys_ : twice_).push_back(std::move(key));
    }
  }
  Canonical(const Canonical&) = delete;
  Canonical& operator=(const Canonical&) = delete;

  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }
  /// What it says more than once: no file can.
  [[nodiscard]] const std::vector<Key>& twice() const { return twice_; }
  /// Nothing where the config does not say it.
  [[nodiscard]] std::optional<std::string_view> find(const Key& key) const {
    const auto found = texts_.find(key);
    return found == texts_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::string text_;
  std::map<Key, std::string_view> texts_;
  std::vector<Key> keys_;
  std::vector<Key> twice_;
};

/// The streams and templates that are the same in both, by what they are worth, not by how they are written.
std::set<Key> untouched_objects(const ServerConfig& before, const ServerConfig& after) {
  std::set<Key> out;
  std::unordered_map<std::string_view, const stream::StreamConfig*> streams;
  for (const auto& stream : before.streams) streams.emplace(stream.name, &stream);
  for (const auto& stream : after.streams) {
    const auto same = streams.find(stream.name);
    if (same != streams.end() && *same->second == stream) out.insert({"stream", stream.name});
  }
  std::unordered_map<std::string_view, const stream::TemplateConfig*> templates;
  for (const auto& entry : before.templates) templates.emplace(entry.options.name, &entry);
  for (const auto& entry : after.templates) {
    const auto same = templates.find(entry.options.name);
    if (same != templates.end() && *same->second == entry) out.insert({"template", entry.options.name});
  }
  return out;
}

/// The keys of which the two say something else.
std::set<Key> differences(const Canonical& before, const Canonical& after, const std::set<Key>& untouched) {
  std::set<Key> out;
  for (const Canonical* one : {&before, &after}) {
    for (const Key& key : one->keys()) {
      if (!untouched.contains(key) && before.find(key) != after.find(key)) out.insert(key);
    }
  }
  return out;
}

/// What a statement of a file says, in canonical keys: several where it lists several, none where it only repeats a
/// default.
std::vector<Key> keys_in(const Statement& statement) {
  const auto* row = server_schema().find(statement.name);
  const Key own = key_of(statement);
  if (row == nullptr || !row->read || !row->info.repeatable || is_object(own.directive)) return {own};
  Diagnostics out("");
  config::Reader in(out, server_schema().info());
  ServerConfig one;
  row->read(in, statement, one);
  return Canonical(one).keys();
}

/// `text` for a place in a line that begins with `indent`.
std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += indent;
  }
  return out;
}

/// The blanks that `at`'s line begins with, as far as nothing else stands before `at`.
std::string_view indent_at(std::string_view text, std::size_t at) {
  const auto line = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  const auto before = text.substr(line, at - line);
  return before.find_first_not_of(" \t") == std::string_view::npos ? before : std::string_view();
}

/// Takes [begin, end) out of the text, and its line with it where nothing else stands in it.
void remove(std::string& text, std::size_t begin, std::size_t end) {
  const auto indent = indent_at(text, begin).size();
  const bool begins_line = begin == indent || text[begin - indent - 1] == '\n';
  auto next = text.find_first_not_of(" \t\r", end);
  if (next == std::string::npos) next = text.size();
  if (begins_line && (next == text.size() || text[next] == '\n')) {
    begin -= indent;
    end = std::min(next + 1, text.size());
  } else if (begins_line) {
    end = next;
  }
  text.erase(begin, end - begin);
}

/// One file as it is edited, from its end to its beginning.
std::string edit(const ConfigFile& file, const std::set<Key>& changed, const Canonical& after, std::set<Key>& met) {
  Diagnostics none("");
  config::Reader in(none, server_schema().info());
  const auto statements = in.current_form(config::parse(file.text, none), server_schema().rewrites());
  std::string text = file.text;
  for (auto statement = statements.rbegin(); statement != statements.rend(); ++statement) {
    const auto keys = keys_in(*statement);
    met.insert(keys.begin(), keys.end());
    if (std::ranges::none_of(keys, [&](const Key& key) { return changed.contains(key); })) continue;
    const std::string indent(indent_at(text, statement->begin));
    std::string replacement;
    for (const Key& key : keys) {
      const auto says = after.find(key);
      if (says) replacement += (replacement.empty() ? "" : "\n" + indent) + indented(*says, indent);
    }
    if (replacement.empty()) {
      remove(text, statement->begin, statement->end);
    } else {
      text.replace(statement->begin, statement->end - statement->begin, replacement);
    }
  }
  return text;
}

void append(std::string& text, std::string_view statement) {
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += statement;
  text += '\n';
}

}  // namespace

std::expected<std::vector<ConfigFile>, std::vector<config::Diagnostic>> edit_source(const ConfigSource& source,
                                                                                    const ServerConfig& before,
                                                                                    const ServerConfig& after) {
  const Canonical old_text(before);
  const Canonical new_text(after);
  Diagnostics out(source.files.front().path.string());
  for (const Key& key : new_text.twice()) out.error({}, to_string(key) + " is there twice");
  if (!out.ok()) return std::unexpected(out.errors());
  const auto changed = differences(old_text, new_text, untouched_objects(before, after));
  if (changed.empty()) return {};

  ConfigSource edited = source;
  std::set<Key> met;
  for (ConfigFile& file : edited.files) file.text = edit(file, changed, new_text, met);
  for (const Key& key : new_text.keys()) {
    if (changed.contains(key) && !met.contains(key)) append(edited.files.front().text, *new_text.find(key));
  }

  const auto read_back = parse_config(edited);
  if (!read_back) return std::unexpected(read_back.error());
  const Canonical saved(*read_back);
  for (const Key& key : changed) {
    if (saved.find(key) != new_text.find(key)) {
      out.error({}, to_string(key) + " cannot be changed: an environment variable says otherwise");
    }
  }
  if (!out.ok()) return std::unexpected(out.errors());
  std::vector<ConfigFile> files;
  for (std::size_t i = 0; i < source.files.size(); ++i) {
    if (edited.files[i] != source.files[i]) files.push_back(std::move(edited.files[i]));
  }
  return files;
}

}  // namespace sluice::app
