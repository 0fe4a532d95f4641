#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/kind.hpp"
#include "config/printer.hpp"
#include "config/reader.hpp"
#include "config/row_info.hpp"

namespace sluice::config {

/// One directive or option of a T: everything about it is said here and nowhere else.
template <class T>
struct Row {
  RowInfo info;

  /// Reads one statement into the T, or reports what is wrong with it.
  std::function<void(Reader&, const Statement&, T&)> read;

  /// Sets the default again. Where it is set, `name false;` does it (unless `false` is one of the values), and the
  /// first statement of a list replaces what a template gave.
  std::function<void(T&)> unset;

  /// The value as it would be written, "" for `name;`; nothing where it is that of `base`. For rows of one value.
  std::function<std::optional<std::string>(const T& value, const T& base)> spell;

  /// Writes what differs from `base`. For rows that are more than one value.
  std::function<void(Printer&, const T& value, const T& base)> write;

  /// The value in the JSON of the API; null where there is none.
  std::function<boost::json::value(const T&)> to_json;

  /// Reads what to_json() gave (never null) into the T, or reports what is wrong with it.
  std::function<void(Reader&, const boost::json::value&, T&)> from_json;

  bool has_false = false;

  /// Another name in JSON than the directive has.
  Row json_path(std::string path) && {
    info.json.path = std::move(path);
    return std::move(*this);
  }

  /// Adds a name that old files have for the same thing.
  Row old_name(std::string name) && {
    info.old_names.push_back(std::move(name));
    return std::move(*this);
  }
};

/// A row of one value that is reached by `get` and `set`; `initial` is its default, nothing where it is optional.
template <class T, class V>
Row<T> value_row(RowInfo info, Kind<V> kind, std::optional<V> initial, std::function<std::optional<V>(const T&)> get,
                 std::function<void(T&, std::optional<V>)> set) {
  info.syntax = kind.syntax;
  const bool false_is_none = initial && !kind.parse(kind.print(*initial));
  info.json.false_is_none = false_is_none;
  auto type = kind.json;
  if (false_is_none) type.booleans = {false};
  info.json.schema = schema_of(type);
  if (initial && !kind.print(*initial).empty()) info.json.default_value = kind.to_json(*initial);
  if (initial) info.default_value = kind.print(*initial).empty() ? "" : kind.spell(*initial);
  Row<T> row{.info = std::move(info), .has_false = kind.has_false};
  row.read = [kind, set](Reader& in, const Statement& statement, T& target) {
    if (auto value = in.only_argument(statement, kind)) set(target, std::move(value));
  };
  row.unset = [initial, set](T& target) { set(target, initial); };
  row.spell = [kind, get](const T& value, const T& base) -> std::optional<std::string> {
    const auto own = get(value);
    if (own == get(base)) return std::nullopt;
    if (!own) return kind.has_false ? std::nullopt : std::optional<std::string>("false");
    if (kind.bare && *own == *kind.bare) return std::string();
    return kind.print(*own).empty() && !kind.has_false ? "false" : kind.spell(*own);
  };
  row.to_json = [=](const T& from) -> boost::json::value {
    const auto value = get(from);
    if (false_is_none && value == initial) return false;
    return value ? kind.to_json(*value) : boost::json::value();
  };
  row.from_json = [=](Reader& in, const boost::json::value& json, T& target) {
    if (false_is_none && json == false) return set(target, initial);
    if (auto value = in.value(json, kind)) set(target, std::move(value));
  };
  return row;
}

/// A row of one value that is a member; its default is what the struct says.
template <class T, class V>
Row<T> row(std::string name, Kind<V> kind, V T::* member, std::string doc) {
  return value_row<T, V>(
      {.name = std::move(name), .doc = std::move(doc)}, std::move(kind), T{}.*member,
      [member](const T& from) -> std::optional<V> { return from.*member; },
      [member](T& to, std::optional<V> value) { to.*member = *std::move(value); });
}

/// A row of one value that may be absent.
template <class T, class V>
Row<T> row(std::string name, Kind<V> kind, std::optional<V> T::* member, std::string doc) {
  return value_row<T, V>(
      {.name = std::move(name), .doc = std::move(doc)}, std::move(kind), std::nullopt,
      [member](const T& from) { return from.*member; },
      [member](T& to, std::optional<V> value) { to.*member = std::move(value); });
}

/// A directive that may be repeated, each time with one more value. In JSON it is an array, with an "s" to its name.
template <class T, class V>
Row<T> list(std::string name, Kind<V> kind, std::vector<V> T::* member, std::string doc) {
  Row<T> row{.info = {.name = name, .syntax = kind.syntax, .doc = std::move(doc), .repeatable = true}};
  row.info.json = {.path = name + "s", .schema = {{"type", "array"}, {"items", schema_of(kind.json)}}};
  row.read = [kind, member](Reader& in, const Statement& statement, T& target) {
    const auto step = in.enter((target.*member).size());
    if (auto value = in.only_argument(statement, kind)) (target.*member).push_back(*std::move(value));
  };
  row.unset = [member](T& target) { (target.*member).clear(); };
  row.write = [name, kind, member](Printer& out, const T& value, const T& base) {
    if (value.*member == base.*member) return;
    if ((value.*member).empty()) out.statement(name, std::vector<std::string>{"false"});
    for (const V& entry : value.*member) out.statement(name, std::vector{kind.spell(entry)});
  };
  row.to_json = [kind, member](const T& from) -> boost::json::value {
    boost::json::array out;
    for (const V& entry : from.*member) out.push_back(kind.to_json(entry));
    return out;
  };
  row.from_json = [kind, member](Reader& in, const boost::json::value& json, T& target) {
    (target.*member).clear();
    const auto* entries = in.array(json);
    for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i) {
      const auto step = in.enter(i);
      if (auto value = in.value((*entries)[i], kind)) (target.*member).push_back(*std::move(value));
    }
  };
  return row;
}

/// `row` of a U for the T that has the U as a member.
template <class T, class U>
Row<T> within(Row<U> row, U T::* member) {
  Row<T> out{.info = std::move(row.info), .has_false = row.has_false};
  if (row.read) {
    out.read = [read = std::move(row.read), member](Reader& in, const Statement& statement, T& target) {
      read(in, statement, target.*member);
    };
  }
  if (row.unset) out.unset = [unset = std::move(row.unset), member](T& target) { unset(target.*member); };
  if (row.spell) {
    out.spell = [spell = std::move(row.spell), member](const T& value, const T& base) {
      return spell(value.*member, base.*member);
    };
  }
  if (row.write) {
    out.write = [write = std::move(row.write), member](Printer& to, const T& value, const T& base) {
      write(to, value.*member, base.*member);
    };
  }
  if (row.to_json) {
    out.to_json = [to_json = std::move(row.to_json), member](const T& from) { return to_json(from.*member); };
  }
  if (row.from_json) {
    out.from_json = [from_json = std::move(row.from_json), member](Reader& in, const boost::json::value& json,
                                                                   T& target) { from_json(in, json, target.*member); };
  }
  return out;
}

}  // namespace sluice::config
