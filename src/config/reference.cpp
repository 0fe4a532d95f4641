#include "config/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sluice::config {
namespace {

constexpr std::string_view kIntroduction = R"(# Config reference

<!-- Generated from the directives in the source; a test compares. Change the rows, then run the tests with
SLUICE_UPDATE_GOLDEN=1. -->

A config file is a list of directives. `name argument...;` is a simple one, `name argument... { ... }` has a block of
further directives.

- Blanks and new lines separate words and mean nothing else. `#` begins a comment where a word could begin; within a word
  (`srt://host?streamid=#!::m=request`) it is a part of it.
- A word with blanks, `;`, `{` or `}` stands in double quotes; `\"` and `\\` stand for `"` and `\`.
- Options are written `key=value`, the value in quotes where it needs them: `user_agent="Agent 1.0"`.
- `name;` switches a flag on, `name false;` off. For every other directive `name false;` sets the default again, also where
  a template says otherwise; the text "false" stands in quotes.
- A directive marked *list* may be repeated. A list in a stream replaces the list of its template.
- Seconds may also be written `20m`, `12h`, `5d`, `2w`.

`sluice check FILE` reads a file and reports every error with its line and column.
)";

/// The places of the language in the order in which they are met, each once.
void collect(const SchemaInfo& place, std::vector<const SchemaInfo*>& into) {
  const auto known = [&](const SchemaInfo* other) { return other->place == place.place; };
  if (std::ranges::any_of(into, known)) return;
  into.push_back(&place);
  for (const RowInfo& row : place.rows) {
    for (const auto& block : row.blocks) collect(*block, into);
  }
}

/// Text in a cell of a table: '|' would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", cell(text)); }

std::string supported_rows(const SchemaInfo& place) {
  std::string out;
  for (const RowInfo& row : place.rows) {
    if (row.included || row.support != Support::supported) continue;
    out += fmt::format("| {} | {} | {} | {}{} |\n", code(row.name), code(row.syntax), code(row.default_value),
                       row.repeatable ? "*List.* " : "", cell(row.doc));
  }
  if (out.empty()) return out;
  return fmt::format("| {} | value | default | |\n|---|---|---|---|\n{}\n", place.noun, out);
}

std::string other_rows(const SchemaInfo& place, Support support, std::string_view title) {
  std::string out;
  for (const RowInfo& row : place.rows) {
    if (row.included || row.support != support) continue;
    out += fmt::format("| {} | {} |\n", code(row.name), cell(row.doc));
  }
  if (out.empty()) return out;
  return fmt::format("{}\n\n| {} | |\n|---|---|\n{}\n", title, place.noun, out);
}

std::string old_spellings(const SchemaInfo& place) {
  std::string out;
  for (const RowInfo& row : place.rows) {
    if (row.included) continue;
    for (const auto& old : row.old_names) out += fmt::format("| {} | {} |\n", code(old), code(row.name));
  }
  for (const OldForm& form : place.old_forms) {
    if (!form.included) out += fmt::format("| {} | {} |\n", code(form.name), code(form.now));
  }
  if (out.empty()) return out;
  return fmt::format("Other spellings that are understood:\n\n| spelling | now |\n|---|---|\n{}\n", out);
}

std::string section(const SchemaInfo& place) {
  std::string out = fmt::format("## {}\n\n{}\n\n", code(place.place), place.doc);
  const auto own = supported_rows(place);
  if (!place.includes.empty()) {
    out += fmt::format("Every {} of `{}`{}\n\n", place.noun, place.includes, own.empty() ? "." : ", and:");
  }
  out += own;
  out += other_rows(place, Support::not_yet, "Recognized, but not supported yet; using one is an error:");
  out += other_rows(place, Support::no_effect, "Accepted from old files, without effect:");
  out += old_spellings(place);
  return out;
}

}  // namespace

std::string reference_markdown(const SchemaInfo& root) {
  std::vector<const SchemaInfo*> places;
  collect(root, places);
  std::string out(kIntroduction);
  for (const SchemaInfo* place : places) out += "\n" + section(*place);
  while (out.ends_with("\n\n")) out.pop_back();
  for (auto at = out.find("\n\n\n"); at != std::string::npos; at = out.find("\n\n\n", at)) out.erase(at, 1);
  return out;
}

}  // namespace sluice::config
