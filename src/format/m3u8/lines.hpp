#pragma once

#include <cstddef>
#include <string_view>

#include "core/result.hpp"
#include "format/m3u8/errc.hpp"

namespace sluice::m3u8 {

/// A line of a playlist that means something.
struct Line {
  std::string_view tag;   ///< "EXT-X-PART", without '#'; empty: the line is a URI
  std::string_view rest;  ///< what stands behind the tag's colon, or the URI
  bool has_colon = false;
};

/// Tags that only one kind of playlist may have, sections 4.4.3 to 4.4.5 and 4.4.6.
bool is_media_tag(std::string_view tag);
bool is_master_tag(std::string_view tag);

/// Cuts a playlist into lines, RFC 8216bis section 4.1: UTF-8 without control characters, lines end with LF or CR LF,
/// blank lines and comments mean nothing.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  /// Takes the first line, which must be #EXTM3U.
  Result<void> begin();

  /// Takes the next line that means something; a line without tag and rest at the end of the text.
  Result<Line> next();

  /// The number of the line that was taken last, from 1.
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  Result<std::string_view> take();

  std::string_view text_;
  std::size_t number_ = 0;
};

}  // namespace sluice::m3u8
