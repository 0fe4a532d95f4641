#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sluice::config {

/// `value` as a word, in quotes where it would not be read back as the same text or could be taken for a keyword.
/// REQUIRES: no control characters in `value`; the language has no way to write them.
std::string as_word(std::string_view value);

/// Writes a config file, a statement a line.
class Printer {
 public:
  /// `words` follow the name as they are: spelled by a Kind or by as_word().
  void statement(std::string_view name, std::span<const std::string> words = {});
  void open(std::string_view name, std::span<const std::string> words = {});
  void close();

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void begin(std::string_view name, std::span<const std::string> words);

  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace sluice::config
