#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace sluice::log {

/// `notice` is what a peer did wrong and has been dealt with; `warning` and `error` are for whoever runs the server.
enum class Level : std::uint8_t { debug, info, notice, warning, error, none };

/// "warning"
std::string_view name_of(Level level);

enum class Format : std::uint8_t {
  text,  ///< 2026-11-21T13:07:35.084Z info source connected stream=live/mine url=rtmp://192.0.2.7
  json   ///< {"time":"2026-11-21T13:07:35.084Z","level":"info","message":"source connected","stream":"live/mine",...}
};

/// One value of a line. The key is a word of our own, not time, level, message or repeated.
struct Field {
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, std::floating_point auto v) : key(k), value(static_cast<double>(v)) {}
  Field(std::string_view k, std::signed_integral auto v) : key(k), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view k, std::unsigned_integral auto v) : key(k), value(static_cast<std::uint64_t>(v)) {}

  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;
};
using Fields = std::initializer_list<Field>;

/// Appends " key=value ..." or ",\"key\":value..." to `out`. A value with blanks is quoted, whatever would end a line
/// is escaped, and secrets are masked, here and nowhere else: passwords in URLs, and what is called token, password and
/// the like, whether it is a field or a parameter of an address.
void append_fields(std::string& out, Format format, Fields fields);

/// What a line says.
struct Entry {
  Format format;  ///< for which the tail was made
  Level level;
  std::string_view message;
  std::string_view tail;  ///< what append_fields() made
};

/// A whole line with its end. `repeated`: how many lines of the kind are not written.
std::string line(const Entry& entry, std::chrono::system_clock::time_point time, std::uint64_t repeated = 0);

}  // namespace sluice::log
