#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/kind.hpp"
#include "config/row_info.hpp"
#include "config/suggest.hpp"
#include "config/syntax.hpp"

namespace sluice::config {

/// Turns a statement in an old form into statements in the current one.
struct Rewrite {
  OldForm form;
  std::function<std::vector<Statement>(Statement)> apply;
  bool warns = true;  ///< false for a short form that is still documented
};

/// What all rows need while statements are read: the checks that do not depend on what is configured, and their
/// messages.
class Reader {
 public:
  /// The rows met in one block, and where.
  using Seen = std::map<const RowInfo*, Position>;

  /// Borrows both. `root` is the whole language, to say where a misplaced directive belongs.
  Reader(Diagnostics& out, const SchemaInfo& root) : out_(out), root_(root) {}

  void error(Position at, std::string message, std::string expected = {}, Fault fault = Fault::bad_config) {
    out_.error(at, std::move(message), std::move(expected), fault);
  }
  /// One step further in the JSON form of the config, so that errors name the value there too.
  [[nodiscard]] JsonPointer::Step enter(std::string_view path) { return out_.pointer().enter(path); }
  [[nodiscard]] JsonPointer::Step enter(std::size_t index) { return out_.pointer().enter(index); }
  void warning(Position at, std::string message) { out_.warning(at, std::move(message)); }
  [[nodiscard]] bool full() const { return out_.full(); }
  /// Where `at` is, for a message about something at `seen_from`.
  [[nodiscard]] std::string in_line(Position at, Position seen_from) const { return out_.in_line(at, seen_from); }

  /// `statements` with the old forms among them rewritten.
  std::vector<Statement> current_form(std::vector<Statement> statements, const std::vector<Rewrite>& rewrites);

  /// True where the row may be read: it is supported, and not there for the second time.
  bool accept(const Statement& statement, const RowInfo& row, Seen& seen);

  /// Reports a name that has no row in `here`.
  void unknown(const Statement& statement, const SchemaInfo& here);

  /// The argument at `index`, or nothing after a message.
  template <class V>
  std::optional<V> argument(const Statement& statement, std::size_t index, const Kind<V>& kind) {
    if (index >= statement.args.size()) {
      error(statement.args.empty() ? statement.after : statement.args.back().after,
            shown(statement.name) + " has no value", kind.expected, Fault::bad_value);
      return std::nullopt;
    }
    const Argument& argument = statement.args[index];
    auto value = kind.parse(argument.text);
    if (!value) {
      error(argument.at, "bad value " + shown(argument.text) + " of " + shown(statement.name), kind.expected,
            Fault::bad_value);
    }
    return value;
  }

  /// The value of a directive that has exactly one and no block, or nothing after a message.
  template <class V>
  std::optional<V> only_argument(const Statement& statement, const Kind<V>& kind) {
    if (!ends_after(statement, 1)) return std::nullopt;
    if (statement.args.empty() && kind.bare) return kind.bare;
    return argument(statement, 0, kind);
  }

  /// The value that the JSON has, or nothing after a message.
  template <class V>
  std::optional<V> value(const boost::json::value& json, const Kind<V>& kind) {
    auto value = kind.from_json(json);
    if (!value) bad_value(json, kind.json, kind.expected);
    return value;
  }

  /// The JSON as an object or an array, or null after a message.
  const boost::json::object* object(const boost::json::value& json);
  const boost::json::array* array(const boost::json::value& json);

  /// The member for that row; null where there is none, or null stands there, or, after a message, where the row is not
  /// supported or what should hold the member is no object.
  const boost::json::value* member(const boost::json::object& json, const RowInfo& row);

  /// False, after a message, where there are more than `count` arguments or a block.
  bool ends_after(const Statement& statement, std::size_t count);

  /// False, after a message, where there are more than `count` arguments.
  bool has_at_most(const Statement& statement, std::size_t count);

  /// True, after a message, where the argument at `index` stands in a later line than what is before it. REQUIRES:
  /// nobody knows that argument: then the ';' is missing and it is the next directive.
  bool runs_on(const Statement& statement, std::size_t index);

 private:
  void bad_value(const boost::json::value& json, const JsonType& type, const std::string& expected);

  // borrowed (outlive this)
  Diagnostics& out_;
  const SchemaInfo& root_;
};

/// An argument `key=value` or `flag` as the statement `key value;` or `flag;`, so that options have rows like
/// directives.
Statement as_statement(const Argument& argument);

/// A statement made by a Rewrite, placed where the old one stood.
Statement make_statement(std::string name, std::vector<Argument> args, const Statement& origin);

/// An argument made by a Rewrite.
Argument make_argument(std::string text, const Statement& origin);

}  // namespace sluice::config
