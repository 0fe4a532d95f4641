#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::stream {

/// Longest name of a stream, in bytes: what a file system takes for one file name.
inline constexpr std::size_t kMaxStreamName = 255;

/// True where `name` may name a stream: Latin letters, digits, '.', '-' and '_', in parts separated by single '/'; no
/// part is empty, "." or ".."; at most kMaxStreamName bytes.
///
/// The one place where path tricks are refused, for every protocol and for the config. `name` is what arrived, percent-
/// decoded once: a '%' that remains (a second encoding), a NUL and everything else outside the list is refused.
bool valid_stream_name(std::string_view name);

}  // namespace sluice::stream
