#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "format/m3u8/playlist.hpp"
#include "format/m3u8/values.hpp"

namespace sluice::m3u8 {

/// Writes a Playlist tag by tag, and notes where the viewer's query string goes.
class PlaylistText {
 public:
  PlaylistText() { tag("EXTM3U"); }

  /// "#NAME"
  void tag(std::string_view name) {
    open(name);
    end_line();
  }
  /// "#NAME:number"
  void tag(std::string_view name, std::uint64_t number) {
    open(name);
    out_.text += ':';
    out_.text += std::to_string(number);
    end_line();
  }

  /// A tag piece by piece: open, its value or attributes, end_line.
  void open(std::string_view name) {
    out_.text += '#';
    out_.text += name;
    first_ = true;
  }
  std::string& value() {
    out_.text += ':';
    return out_.text;
  }
  void word(std::string_view name, std::string_view word) { attribute(name) += word; }
  void number(std::string_view name, std::uint64_t number) { attribute(name) += std::to_string(number); }
  void seconds(std::string_view name, Duration duration) { append_seconds(attribute(name), duration); }
  void quoted(std::string_view name, std::string_view text) { append_quoted(attribute(name), text); }
  /// A quoted URI with a hole before its closing quote.
  void uri(std::string_view name, std::string_view uri) {
    append_quoted(attribute(name), uri);
    hole(uri, out_.text.size() - 1);
  }
  void end_line(std::string_view last = {}) {
    out_.text += last;
    out_.text += '\n';
  }

  /// A URI line, with a hole at its end.
  void uri_line(std::string_view uri) {
    out_.text += uri;
    hole(uri, out_.text.size());
    end_line();
  }

  Playlist take() { return std::move(out_); }

 private:
  /// Opens the next attribute of the tag and returns the text, for its value.
  std::string& attribute(std::string_view name) {
    out_.text += first_ ? ':' : ',';
    out_.text += name;
    out_.text += '=';
    first_ = false;
    return out_.text;
  }

  void hole(std::string_view uri, std::size_t at) {
    if (!uri.contains('?')) out_.holes.push_back(static_cast<std::uint32_t>(at));
  }

  Playlist out_;
  bool first_ = true;  ///< no attribute of the open tag was written yet
};

}  // namespace sluice::m3u8
