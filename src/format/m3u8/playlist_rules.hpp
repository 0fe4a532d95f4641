#pragma once

#include "format/m3u8/exchange.hpp"
#include "format/m3u8/reader.hpp"
#include "format/m3u8/report.hpp"

namespace sluice::m3u8 {

/// The rules that one playlist keeps or breaks by itself. `whole` is `parsed` with what it skipped.
void check_playlist(const ParsedMedia& parsed, const MediaPlaylist& whole, const CheckerOptions& options,
                    Report& report);

}  // namespace sluice::m3u8
