#include "config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "core/utf8.hpp"

namespace sluice::config {
namespace {

std::string join_shown(const std::vector<std::string_view>& words) {
  std::string out;
  for (const auto word : words) out += (out.empty() ? "" : " or ") + shown(word);
  return out;
}

/// True for what a client sends that wants nothing of a directive.
bool sets_nothing(const boost::json::value& json) {
  return json.is_null() || json == false || (json.is_array() && json.get_array().empty());
}

/// The value for a message, not longer than one likes to read.
std::string shown(const boost::json::value& json) {
  constexpr std::size_t kMost = 60;
  std::string out = boost::json::serialize(json);
  if (out.size() <= kMost) return out;
  std::size_t end = kMost;
  while (is_utf8_continuation(out[end])) --end;
  return out.substr(0, end) + "...";
}

}  // namespace

std::vector<Statement> Reader::current_form(std::vector<Statement> statements, const std::vector<Rewrite>& rewrites) {
  std::vector<Statement> out;
  out.reserve(statements.size());
  for (Statement& statement : statements) {
    const auto found =
        std::ranges::find_if(rewrites, [&](const Rewrite& rewrite) { return rewrite.form.name == statement.name; });
    if (found == rewrites.end()) {
      out.push_back(std::move(statement));
      continue;
    }
    if (found->warns) {
      out_.warning(statement.at,
                   fmt::format("{} is an old form, now {}", shown(statement.name), shown(found->form.now)));
    }
    std::ranges::move(found->apply(std::move(statement)), std::back_inserter(out));
  }
  return out;
}

bool Reader::accept(const Statement& statement, const RowInfo& row, Seen& seen) {
  if (row.support == Support::not_yet) {
    error(statement.at, shown(statement.name) + " is not supported yet", {}, Fault::not_supported);
    return false;
  }
  if (row.support == Support::no_effect) {
    out_.warning(statement.at, shown(statement.name) + " has no effect");
    return false;
  }
  if (statement.name != row.name) {
    out_.warning(statement.at, fmt::format("{} is an old spelling of {}", shown(statement.name), shown(row.name)));
  }
  const auto [first, fresh] = seen.emplace(&row, statement.at);
  if (!fresh && !row.repeatable) {
    error(statement.at, fmt::format("{} is already set{}", shown(row.name), in_line(first->second, statement.at)), {},
          Fault::repeated);
    return false;
  }
  return true;
}

void Reader::unknown(const Statement& statement, const SchemaInfo& here) {
  const std::string what = fmt::format("{} {} in {}", here.noun, shown(statement.name), shown(here.place));
  if (const auto places = places_of(statement.name, root_); !places.empty()) {
    return error(statement.at, "misplaced " + what, "it in " + join_shown(places), Fault::unknown);
  }
  std::vector<std::string_view> names;
  names.reserve(here.rows.size() + here.old_forms.size());
  for (const RowInfo& row : here.rows) names.push_back(row.name);
  for (const OldForm& form : here.old_forms) names.push_back(form.name);
  error(statement.at, "unknown " + what + did_you_mean(statement.name, names), {}, Fault::unknown);
}

const boost::json::object* Reader::object(const boost::json::value& json) {
  if (const auto* found = json.if_object()) return found;
  error({}, "bad value " + shown(json), "an object", Fault::bad_value);
  return nullptr;
}

const boost::json::array* Reader::array(const boost::json::value& json) {
  if (const auto* found = json.if_array()) return found;
  error({}, "bad value " + shown(json), "an array", Fault::bad_value);
  return nullptr;
}

const boost::json::value* Reader::member(const boost::json::object& json, const RowInfo& row) {
  const std::string& path = row.json.path;
  if (const auto dot = path.find('.'); dot != std::string::npos) {
    const auto holder = std::string_view(path).substr(0, dot);
    const auto* found = json.if_contains(holder);
    const auto step = enter(holder);
    if (found != nullptr && !found->is_null() && object(*found) == nullptr) return nullptr;
  }
  const auto* found = find_member(json, path);
  if (found == nullptr || found->is_null() || row.support == Support::no_effect) return nullptr;
  if (row.support == Support::supported) return found;
  if (!sets_nothing(*found)) {
    const auto step = enter(path);
    error({}, shown(std::string_view(path)) + " is not supported yet", {}, Fault::not_supported);
  }
  return nullptr;
}

void Reader::bad_value(const boost::json::value& json, const JsonType& type, const std::string& expected) {
  const auto described = describe(type);
  error({}, "bad value " + shown(json), described.empty() ? expected : described, Fault::bad_value);
}

bool Reader::runs_on(const Statement& statement, std::size_t index) {
  const Position before = index == 0 ? statement.after : statement.args[index - 1].after;
  if (statement.args[index].at.line == before.line) return false;
  error(before, shown(statement.name) + " does not end", "';'");
  return true;
}

bool Reader::has_at_most(const Statement& statement, std::size_t count) {
  if (statement.args.size() <= count) return true;
  if (runs_on(statement, count)) return false;
  const Argument& surplus = statement.args[count];
  error(surplus.at, fmt::format("unexpected {} in {}", shown(surplus.text), shown(statement.name)),
        statement.has_block ? "'{'" : "';'");
  return false;
}

bool Reader::ends_after(const Statement& statement, std::size_t count) {
  if (!has_at_most(statement, count)) return false;
  if (!statement.has_block) return true;
  error(statement.block_at, fmt::format("{} has no block", shown(statement.name)), "';'");
  return false;
}

Statement as_statement(const Argument& argument) {
  Statement made{.name = std::string(argument.key_size > 0 ? argument.key() : argument.value()),
                 .at = argument.at,
                 .after = argument.after};
  if (argument.key_size > 0) {
    Argument value{
        .text = std::string(argument.value()), .quoted = argument.quoted, .at = argument.at, .after = argument.after};
    value.at.column += static_cast<std::uint32_t>(argument.key_size + 1);
    made.args.push_back(std::move(value));
  }
  return made;
}

Statement make_statement(std::string name, std::vector<Argument> args, const Statement& origin) {
  return {.name = std::move(name), .args = std::move(args), .at = origin.at, .after = origin.after};
}

Argument make_argument(std::string text, const Statement& origin) {
  return {.text = std::move(text), .at = origin.at, .after = origin.after};
}

}  // namespace sluice::config
