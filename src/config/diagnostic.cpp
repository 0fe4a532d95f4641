#include "config/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace sluice::config {
namespace {

void insert_in_order(std::vector<Diagnostic>& into, Diagnostic found) {
  const auto place = [](const Diagnostic& d) { return std::tuple(d.at.file, d.at.line, d.at.column); };
  into.insert(std::ranges::upper_bound(into, place(found), {}, place), std::move(found));
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
    case Fault::not_saved: return "not_saved";
    case Fault::bad_config: return "bad_config";
  }
  std::unreachable();
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string out = diagnostic.file;
  if (diagnostic.at.line == 0 && !diagnostic.pointer.empty()) out += ": " + diagnostic.pointer;
  if (diagnostic.at.line != 0) out += fmt::format(":{}:{}", diagnostic.at.line, diagnostic.at.column);
  out += diagnostic.severity == Severity::warning ? ": warning: " : ": ";
  out += diagnostic.message;
  if (!diagnostic.expected.empty()) out += ", expected " + diagnostic.expected;
  return out;
}

std::uint32_t Diagnostics::add_file(std::string name) {
  files_.push_back(std::move(name));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

std::string Diagnostics::in_line(Position at, Position seen_from) const {
  const bool elsewhere = at.file != seen_from.file;
  if (at.line == 0) return elsewhere ? " in " + files_[at.file] : "";
  return fmt::format(" in line {}{}", at.line, elsewhere ? " of " + files_[at.file] : "");
}

void Diagnostics::error(Position at, std::string message, std::string expected, Fault fault) {
  if (full()) return;
  Diagnostic found{files_[at.file],     at,    Severity::error, std::move(message),
                   std::move(expected), fault, pointer_.text()};
  if (std::ranges::find(errors_, found) == errors_.end()) insert_in_order(errors_, std::move(found));
}

void Diagnostics::warning(Position at, std::string message) {
  if (warnings_.size() >= kMaxErrors) return;
  insert_in_order(warnings_,
                  {files_[at.file], at, Severity::warning, std::move(message), {}, Fault::bad_config, pointer_.text()});
}

}  // namespace sluice::config
