#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/row.hpp"

namespace sluice::config {

/// A row without a meaning yet: a directive of the specification that is not built, or one that has no effect any more.
struct BareRow {
  std::string name;
  std::string doc;
  std::vector<std::string> old_names = {};
  std::string json_path = {};  ///< as JsonInfo::path; empty: the name
};

/// All rows of a T: what may stand in one place of a config file. Built once, then only read; a plain value.
template <class T>
class Schema {
 public:
  /// `place` and `noun` are for messages: "stream", "directive"; `doc` is one sentence for the reference.
  Schema(std::string place, std::string noun, std::string doc)
      : info_{.place = std::move(place), .noun = std::move(noun), .doc = std::move(doc)} {}

  Schema& add(Row<T> row) {
    if (row.info.json.path.empty()) row.info.json.path = row.info.name;
    info_.rows.push_back(row.info);
    rows_.push_back(std::move(row));
    return *this;
  }
  Schema& add_bare(Support support, std::initializer_list<BareRow> rows) {
    for (const auto& [name, doc, old_names, json_path] : rows) {
      add({.info = {
               .name = name, .doc = doc, .old_names = old_names, .support = support, .json = {.path = json_path}}});
    }
    return *this;
  }
  Schema& add(Rewrite rewrite) {
    info_.old_forms.push_back(rewrite.form);
    rewrites_.push_back(std::move(rewrite));
    return *this;
  }

  /// Everything that may stand in `other`, but for the rows of some names, may stand here too and configures that
  /// member.
  template <class U>
  Schema& include(const Schema<U>& other, U T::* member, std::initializer_list<std::string_view> except = {}) {
    for (const Row<U>& row : other.rows()) {
      if (std::ranges::find(except, row.info.name) == except.end()) add_included(within(row, member));
    }
    return include_rest(other);
  }
  Schema& include(const Schema& other) {
    for (const Row<T>& row : other.rows()) add_included(row);
    return include_rest(other);
  }

  /// The rows of these names from `other`, with what they configure in that member.
  template <class U>
  Schema& pick(const Schema<U>& other, U T::* member, std::initializer_list<std::string_view> names) {
    for (const auto name : names) add(within(*other.find(name), member));
    return *this;
  }

  /// The row of that current or old name, or null.
  [[nodiscard]] const Row<T>* find(std::string_view name) const {
    const auto found = std::ranges::find_if(rows_, [name](const Row<T>& row) {
      return row.info.name == name || std::ranges::find(row.info.old_names, name) != row.info.old_names.end();
    });
    return found == rows_.end() ? nullptr : &*found;
  }

  /// Reads a block into `target`, on top of what is in it. Goes on after an error.
  void read(Reader& in, std::vector<Statement> statements, T& target) const {
    Reader::Seen seen;
    for (const Statement& statement : in.current_form(std::move(statements), rewrites_)) {
      if (in.full()) return;
      const Row<T>* row = find(statement.name);
      if (row == nullptr) {
        in.unknown(statement, info_);
        continue;
      }
      const auto step = in.enter(row->info.json.path);
      const bool first = !seen.contains(&row->info);
      if (!in.accept(statement, row->info, seen)) continue;
      if (row->unset && row->info.repeatable && first) row->unset(target);
      if (row->unset && !row->has_false && is_false(statement)) {
        row->unset(target);
      } else {
        row->read(in, statement, target);
      }
    }
  }

  /// Sets every default.
  void reset(T& target) const {
    for (const Row<T>& row : rows_) {
      if (row.unset) row.unset(target);
    }
  }

  /// Writes what differs from `base`, a statement a line.
  void write(Printer& out, const T& value, const T& base) const {
    for (const Row<T>& row : rows_) {
      if (row.write) row.write(out, value, base);
      if (!row.spell) continue;
      if (const auto spelled = row.spell(value, base)) {
        out.statement(row.info.name, std::span(&*spelled, spelled->empty() ? 0 : 1));
      }
    }
  }

  /// What differs from `base` as options: `name=value`, or `name` for a flag.
  [[nodiscard]] std::vector<std::string> options(const T& value, const T& base) const {
    std::vector<std::string> out;
    for (const Row<T>& row : rows_) {
      if (!row.spell) continue;
      if (const auto spelled = row.spell(value, base)) {
        out.push_back(spelled->empty() ? row.info.name : row.info.name + "=" + *spelled);
      }
    }
    return out;
  }

  /// Reads a JSON object into `target`, on top of what is in it: a member that is absent or null leaves what is there.
  /// Members without a row are ignored.
  void from_json(Reader& in, const boost::json::object& json, T& target) const {
    for (const Row<T>& row : rows_) {
      if (in.full()) return;
      const auto* value = in.member(json, row.info);
      if (value == nullptr || !row.from_json) continue;
      const auto step = in.enter(row.info.json.path);
      row.from_json(in, *value, target);
    }
  }

  /// The value of one row; null where it is empty.
  [[nodiscard]] static boost::json::value to_json(const Row<T>& row, const T& value) {
    auto json = row.to_json ? row.to_json(value) : boost::json::value();
    const bool none = row.info.json.false_is_none && json == false;
    const bool empty =
        (json.is_string() && json.get_string().empty()) || (json.is_object() && json.get_object().empty());
    return none || empty ? boost::json::value() : json;
  }

  /// All values as a JSON object, but for those that are empty.
  [[nodiscard]] boost::json::object to_json(const T& value) const {
    boost::json::object out;
    for (const Row<T>& row : rows_) {
      if (auto json = to_json(row, value); !json.is_null()) set_member(out, row.info.json.path, std::move(json));
    }
    return out;
  }

  /// The values that differ from those of `base`, which from_json() then needs to make `value` of.
  [[nodiscard]] boost::json::object to_json(const T& value, const T& base) const {
    boost::json::object out;
    for (const Row<T>& row : rows_) {
      auto json = row.to_json ? row.to_json(value) : boost::json::value();
      if (!json.is_null() && json != row.to_json(base)) set_member(out, row.info.json.path, std::move(json));
    }
    return out;
  }

  [[nodiscard]] const std::string& place() const { return info_.place; }
  [[nodiscard]] const std::vector<Row<T>>& rows() const { return rows_; }
  [[nodiscard]] const std::vector<Rewrite>& rewrites() const { return rewrites_; }

  [[nodiscard]] const SchemaInfo& info() const { return info_; }
  /// A copy of info() for the row whose block this is.
  [[nodiscard]] std::shared_ptr<const SchemaInfo> share_info() const {
    return std::make_shared<const SchemaInfo>(info_);
  }

 private:
  void add_included(Row<T> row) {
    row.info.included = true;
    add(std::move(row));
  }
  template <class U>
  Schema& include_rest(const Schema<U>& other) {
    for (Rewrite rewrite : other.rewrites()) {
      rewrite.form.included = true;
      add(std::move(rewrite));
    }
    info_.includes = other.place();
    return *this;
  }

  static bool is_false(const Statement& statement) {
    return statement.args.size() == 1 && !statement.has_block && !statement.args[0].quoted &&
           statement.args[0].text == "false";
  }

  SchemaInfo info_;  // of rows_ and rewrites_, in their order
  std::vector<Row<T>> rows_;
  std::vector<Rewrite> rewrites_;
};

}  // namespace sluice::config
