#include "config/printer.hpp"

#include <algorithm>

namespace sluice::config {
namespace {

bool is_plain(std::string_view value) {
  constexpr std::string_view kKeywords[] = {"true", "false", "on", "off"};
  if (value.empty() || value.starts_with('#') || std::ranges::find(kKeywords, value) != std::end(kKeywords))
    return false;
  return value.find_first_of(" \t\r\n;{}\"") == std::string_view::npos;
}

}  // namespace

std::string as_word(std::string_view value) {
  if (is_plain(value)) return std::string(value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void Printer::begin(std::string_view name, std::span<const std::string> words) {
  out_.append(2 * depth_, ' ');
  out_ += name;
  for (const auto& word : words) {
    out_ += ' ';
    out_ += word;
  }
}

void Printer::statement(std::string_view name, std::span<const std::string> words) {
  begin(name, words);
  out_ += ";\n";
}

void Printer::open(std::string_view name, std::span<const std::string> words) {
  begin(name, words);
  out_ += " {\n";
  ++depth_;
}

void Printer::close() {
  --depth_;
  out_.append(2 * depth_, ' ');
  out_ += "}\n";
}

}  // namespace sluice::config
