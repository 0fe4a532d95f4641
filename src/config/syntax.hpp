#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"

namespace sluice::config {

/// What follows the name of a directive: `word`, `"a string"`, `key=value`, `@name`.
struct Argument {
  std::string text;          ///< the whole of it, without quotes and escapes
  std::size_t key_size = 0;  ///< of `key=value`, else 0
  bool quoted = false;       ///< a part of it was in quotes
  Position at;
  Position after;  ///< the character behind it

  [[nodiscard]] std::string_view key() const { return std::string_view(text).substr(0, key_size); }
  [[nodiscard]] std::string_view value() const {
    return key_size == 0 ? std::string_view(text) : std::string_view(text).substr(key_size + 1);
  }
};

/// `name argument...;` or `name argument... { statement... }`.
struct Statement {
  std::string name;
  std::vector<Argument> args;
  bool has_block = false;
  std::vector<Statement> block;
  Position at;            ///< of the name
  Position after;         ///< behind the name
  Position block_at;      ///< of the '{'
  std::size_t begin = 0;  ///< of its bytes in the text, from the name to the ';' or '}'
  std::size_t end = 0;
};

inline constexpr std::size_t kMaxFileSize = 16 * 1024 * 1024;  ///< bytes
inline constexpr std::size_t kMaxDepth = 16;                   ///< blocks within blocks
inline constexpr std::size_t kMaxWords = 1'000'000;            ///< names and arguments in a file

/// Reads the statements of a config file, the one that `out` calls `file`. What is wrong is reported to `out`; the
/// statements are then not to be used.
std::vector<Statement> parse(std::string_view text, Diagnostics& out, std::uint32_t file = 0);

}  // namespace sluice::config
