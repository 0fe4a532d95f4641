#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/json_pointer.hpp"

namespace sluice::config {

/// A place in a config. Lines and columns count from 1, columns in characters (not bytes). 0:0 is the file as a whole.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t file = 0;  ///< which of the files that are read together: what Diagnostics::add_file() said

  auto operator<=>(const Position&) const = default;
};

/// Where a value was written, for messages about it. Not a part of the value: two origins always compare equal, so that
/// a line added above a stream does not make it another stream.
struct Origin {
  Position at;

  friend constexpr bool operator==(Origin, Origin) { return true; }
};

enum class Severity : std::uint8_t { warning, error };

/// What kind of error it is, for programs.
enum class Fault : std::uint8_t {
  syntax,         ///< no statements can be made of the text
  unknown,        ///< a name that the language does not have, or not here
  not_supported,  ///< of the language, but not built
  repeated,       ///< it is there already
  bad_value,
  bad_url,
  not_saved,  ///< nothing is wrong with it, but it could not be saved
  bad_config  ///< anything else
};

/// "syntax_error", "bad_value": the name of a fault in the API.
std::string_view to_string(Fault fault);

/// One finding about a config, in a file or in JSON.
struct Diagnostic {
  std::string file;
  Position at;  ///< 0:0 for JSON
  Severity severity = Severity::error;
  std::string message;
  std::string expected;  ///< what should stand there; empty where nothing is known
  Fault fault = Fault::bad_config;
  std::string pointer;  ///< the value in the JSON form of the config, as a JSON Pointer; empty: the config as a whole

  bool operator==(const Diagnostic&) const = default;
};

/// "file:line:column: message, expected ..."; warnings read "file:line:column: warning: message". Where there is no
/// line, the pointer stands in its place.
std::string to_string(const Diagnostic& diagnostic);

/// Collects the findings about one file, or several that are read together, up to kMaxErrors errors and as many
/// warnings: a hostile file cannot make more. The same error twice is one.
class Diagnostics {
 public:
  static constexpr std::size_t kMaxErrors = 100;

  explicit Diagnostics(std::string file) : files_{std::move(file)} {}

  /// A further file, or something else that config is read from; returns its Position::file. The first is 0.
  std::uint32_t add_file(std::string name);

  /// " in line 3", or " in line 3 of b.conf" where that is another file than `seen_from`'s; nothing for what came from
  /// JSON.
  [[nodiscard]] std::string in_line(Position at, Position seen_from) const;

  void error(Position at, std::string message, std::string expected = {}, Fault fault = Fault::syntax);
  void warning(Position at, std::string message);

  /// Where a reader is in the JSON form of the config; findings say so.
  [[nodiscard]] JsonPointer& pointer() { return pointer_; }

  /// No further error will be kept: a reader may stop.
  [[nodiscard]] bool full() const { return errors_.size() >= kMaxErrors; }
  [[nodiscard]] bool ok() const { return errors_.empty(); }

  /// The findings in the order of the files.
  [[nodiscard]] const std::vector<Diagnostic>& errors() const { return errors_; }
  [[nodiscard]] const std::vector<Diagnostic>& warnings() const { return warnings_; }

 private:
  std::vector<std::string> files_;
  JsonPointer pointer_;
  std::vector<Diagnostic> errors_;
  std::vector<Diagnostic> warnings_;
};

}  // namespace sluice::config
