#pragma once

#include "format/m3u8/exchange.hpp"
#include "format/m3u8/reader.hpp"
#include "format/m3u8/report.hpp"

namespace sluice::m3u8 {

/// The last playlist before a request, and how long before it that was.
struct Before {
  const MediaPlaylist* playlist = nullptr;  ///< null: none
  Duration age{};
};

/// What section 6.2.5 asks of the status and the time of an answer to Delivery Directives.
void check_status(const Exchange& exchange, const Before& before, const CheckerOptions& options, Report& report);

/// And of its playlist. `whole` is `parsed` with what it skipped.
void check_directives(const Exchange& exchange, const ParsedMedia& parsed, const MediaPlaylist& whole, Report& report);

}  // namespace sluice::m3u8
