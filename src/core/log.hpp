#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_line.hpp"
#include "core/log_recent.hpp"

/// The log of the process. Everything here may be called from any thread at any time, and nothing waits for a disk or a
/// terminal: lines go through a bounded buffer to one thread that writes them, and where it does not keep up they are
/// dropped and counted.
namespace sluice::log {

struct Options {
  Level level = Level::info;  ///< the least that is written; none: nothing is
  Format format = Format::text;
  bool requests = false;      ///< whether request() writes
  std::string requests_file;  ///< where; empty: standard error, as all else
};
/// Until this is called: Options(). A file that cannot be opened is an error in the log.
void configure(const Options& options);

/// Opens the files again, which may have been renamed meanwhile.
void reopen();

/// Writes what is waiting, for a second at most. For the end of the process.
void flush();

/// One line: a fixed text, and what is different each time. Of notices, warnings and errors from one place in the code
/// about one subject, which is the first field, one a second is written; it then says how many more there were.
void write(Level level, std::string_view message, Fields fields, std::source_location place);

inline void debug(std::string_view message, Fields fields = {},
                  std::source_location place = std::source_location::current()) {
  write(Level::debug, message, fields, place);
}
inline void info(std::string_view message, Fields fields = {},
                 std::source_location place = std::source_location::current()) {
  write(Level::info, message, fields, place);
}
inline void notice(std::string_view message, Fields fields = {},
                   std::source_location place = std::source_location::current()) {
  write(Level::notice, message, fields, place);
}
inline void warning(std::string_view message, Fields fields = {},
                    std::source_location place = std::source_location::current()) {
  write(Level::warning, message, fields, place);
}
inline void error(std::string_view message, Fields fields = {},
                  std::source_location place = std::source_location::current()) {
  write(Level::error, message, fields, place);
}

/// Whether request() would write, so that nobody works for nothing.
bool wants_requests();
/// A line of the access log.
void request(Fields fields);

/// The newest lines that were written, but those of the access log; oldest first.
std::vector<RecentLine> recent();

struct Counts {
  std::uint64_t lines = 0;     ///< taken, of both logs
  std::uint64_t repeated = 0;  ///< held back because they repeat
  std::uint64_t dropped = 0;   ///< lost, because the disk or the terminal did not keep up
};
Counts counts();

}  // namespace sluice::log
