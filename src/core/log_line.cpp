#include "core/log_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "core/secret_name.hpp"
#include "core/utf8.hpp"

namespace sluice::log {
namespace {

constexpr std::string_view kMask = "***";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// The length of a value of a parameter: up to what separates it from the next.
std::size_t value_length(std::string_view text) { return std::min(text.find_first_of("&;#,\"' \t\r\n"), text.size()); }

/// `text` stands behind "://". The place of the password in "user:password@host", if there is one.
std::optional<std::pair<std::size_t, std::size_t>> password_in(std::string_view text) {
  const auto authority = text.substr(0, text.find_first_of("/?# \""));
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return {};
  const auto colon = authority.find(':');
  if (colon >= at) return std::pair{std::size_t{0}, at};  // a lone key, as in http://KEY@host
  return std::pair{colon + 1, at};
}

std::string masked(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t word = 0;  // where the word before i begins in `text`
  for (std::size_t i = 0; i < text.size();) {
    out += text[i++];
    if (text[i - 1] == '=') {
      if (is_secret_name(text.substr(word, i - 1 - word)) && value_length(text.substr(i)) != 0) {
        out += kMask;
        i += value_length(text.substr(i));
      }
    } else if (text.substr(0, i).ends_with("://")) {
      if (const auto password = password_in(text.substr(i))) {
        out += text.substr(i, password->first);
        out += kMask;
        i += password->second;
      }
    }
    if (!is_word(text[i - 1])) word = i;
  }
  return out;
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '\\';
  });
}

void append_escaped(std::string& out, char c, std::string_view control) {
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
    fmt::format_to(std::back_inserter(out), fmt::runtime(control), static_cast<unsigned>(c));
  } else {
    out += c;
  }
}

void append_text(std::string& out, std::string_view value) {
  if (is_plain(value)) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) append_escaped(out, c, "\\x{:02x}");
  out += '"';
}

void append_json(std::string& out, std::string_view value) {
  out += '"';
  while (!value.empty()) {
    const auto length = utf8_length(value);
    if (length == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD
    } else if (length == 1) {
      append_escaped(out, value[0], "\\u{:04x}");
    } else {
      out += value.substr(0, length);
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

void append_string(std::string& out, Format format, std::string_view value) {
  format == Format::json ? append_json(out, value) : append_text(out, value);
}

void append_value(std::string& out, Format format, const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    append_string(out, format, is_secret_name(field.key) ? std::string(kMask) : masked(*text));
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{:.6g}", *real);
  } else if (const auto* whole = std::get_if<std::int64_t>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{}", *whole);
  } else {
    fmt::format_to(std::back_inserter(out), "{}", std::get<std::uint64_t>(field.value));
  }
}

/// "2026-11-21T13:07:35.084Z"
void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  // Most lines are of the same second as the one before.
  thread_local sys_seconds known{seconds(-1)};
  thread_local std::string shown;
  const auto second = floor<seconds>(time);
  if (second != known) {
    const auto day = floor<days>(second);
    const year_month_day date(day);
    const hh_mm_ss clock(second - day);
    shown = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()),
                        unsigned(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    known = second;
  }
  out += shown;
  fmt::format_to(std::back_inserter(out), ".{:03}Z", floor<milliseconds>(time - second).count());
}

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::notice: return "notice";
    case Level::warning: return "warning";
    case Level::error: return "error";
    case Level::none: break;
  }
  return "none";
}

void append_fields(std::string& out, Format format, Fields fields) {
  for (const Field& field : fields) {
    if (format == Format::json) {
      out += ",\"";
      out += field.key;
      out += "\":";
    } else {
      out += ' ';
      out += field.key;
      out += '=';
    }
    append_value(out, format, field);
  }
}

std::string line(const Entry& entry, std::chrono::system_clock::time_point time, std::uint64_t repeated) {
  const auto& [format, level, message, tail] = entry;
  std::string out;
  out.reserve(message.size() + tail.size() + 96);
  if (format == Format::json) {
    out += R"({"time":")";
    append_time(out, time);
    out += R"(","level":")";
    out += name_of(level);
    out += R"(","message":)";
    append_json(out, message);
  } else {
    append_time(out, time);
    out += ' ';
    out += name_of(level);
    out += ' ';
    for (const char c : message) append_escaped(out, c, "\\x{:02x}");
  }
  out += tail;
  if (repeated != 0) append_fields(out, format, {{"repeated", repeated}});
  out += format == Format::json ? "}\n" : "\n";
  return out;
}

}  // namespace sluice::log
