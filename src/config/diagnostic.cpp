#include "config/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::config {
namespace {

void insert_in_order(std::vector<Diagnostic>& into, Diagnostic found) {
  into.insert(std::ranges::upper_bound(into, found.at, {}, &Diagnostic::at), std::move(found));
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  std::string out = diagnostic.file;
  if (diagnostic.at != Position{}) out += fmt::format(":{}:{}", diagnostic.at.line, diagnostic.at.column);
  out += diagnostic.severity == Severity::warning ? ": warning: " : ": ";
  out += diagnostic.message;
  if (!diagnostic.expected.empty()) out += ", expected " + diagnostic.expected;
  return out;
}

void Diagnostics::error(Position at, std::string message, std::string expected) {
  if (full()) return;
  insert_in_order(errors_, {file_, at, Severity::error, std::move(message), std::move(expected)});
}

void Diagnostics::warning(Position at, std::string message) {
  if (warnings_.size() >= kMaxErrors) return;
  insert_in_order(warnings_, {file_, at, Severity::warning, std::move(message), {}});
}

}  // namespace sluice::config
