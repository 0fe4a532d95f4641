#include "config/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice::config {
namespace {

void insert_in_order(std::vector<Diagnostic>& into, Diagnostic found) {
  into.insert(std::ranges::upper_bound(into, found.at, {}, &Diagnostic::at), std::move(found));
}

}  // namespace

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::syntax: return "syntax_error";
    case Fault::unknown: return "unknown_option";
    case Fault::not_supported: return "not_supported";
    case Fault::repeated: return "already_set";
    case Fault::bad_value: return "bad_value";
    case Fault::bad_url: return "bad_url";
    case Fault::bad_config: return "bad_config";
  }
  std::unreachable();
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string out = diagnostic.file;
  if (diagnostic.at == Position{} && !diagnostic.pointer.empty()) out += ": " + diagnostic.pointer;
  if (diagnostic.at != Position{}) out += fmt::format(":{}:{}", diagnostic.at.line, diagnostic.at.column);
  out += diagnostic.severity == Severity::warning ? ": warning: " : ": ";
  out += diagnostic.message;
  if (!diagnostic.expected.empty()) out += ", expected " + diagnostic.expected;
  return out;
}

void Diagnostics::error(Position at, std::string message, std::string expected, Fault fault) {
  if (full()) return;
  Diagnostic found{file_, at, Severity::error, std::move(message), std::move(expected), fault, pointer_.text()};
  if (std::ranges::find(errors_, found) == errors_.end()) insert_in_order(errors_, std::move(found));
}

void Diagnostics::warning(Position at, std::string message) {
  if (warnings_.size() >= kMaxErrors) return;
  insert_in_order(warnings_,
                  {file_, at, Severity::warning, std::move(message), {}, Fault::bad_config, pointer_.text()});
}

}  // namespace sluice::config
