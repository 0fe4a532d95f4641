#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/diagnostic.hpp"

namespace sluice::config {

/// The smallest unit of a config file.
struct Token {
  enum class Kind : std::uint8_t { word, semicolon, open, close, end };

  Kind kind = Kind::end;
  Position at;               ///< of its first character
  Position after;            ///< of the character behind it
  std::string text;          ///< of a word, without quotes and escapes: `a="b c"` is `a=b c`
  std::size_t key_size = 0;  ///< of a word `key=value`: the length of the key, else 0
  bool quoted = false;       ///< a part of the word was in quotes, so that it is no keyword
  std::size_t begin = 0;     ///< of its bytes in the text
  std::size_t end = 0;
};

/// Cuts the text of a config file into tokens. Never fails: what is no token is reported and left out.
///
/// A word runs to the next white space, ';', '{' or '}'. Quotes have a meaning at the start of a word and, in a word
/// that begins with `key=`, behind that '=' or a ',' of its value; elsewhere they are data, as '#' is behind the first
/// character.
class Lexer {
 public:
  static constexpr std::size_t kMaxWord = 64 * 1024;  ///< bytes

  /// Borrows `text` and `out`. `file`: what positions say.
  Lexer(std::string_view text, Diagnostics& out, std::uint32_t file = 0);

  /// The next token; Kind::end for ever once the text is used up.
  Token next();

 private:
  Token token();
  void skip_blanks_and_comments();
  void advance();
  Token word();
  bool quoted_piece(Token& token);
  void bare_piece(Token& token);
  void check(Token& token);
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char front() const { return text_[at_]; }

  // borrowed (outlive this)
  std::string_view text_;
  Diagnostics& out_;

  // state
  std::size_t at_ = 0;
  Position position_;
};

}  // namespace sluice::config
