#include "config/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/utf8.hpp"

namespace sluice::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool ends_word(char c) { return is_blank(c) || c == ';' || c == '{' || c == '}'; }
bool is_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}
bool begins_key(char c) { return is_key(c) && c != '.' && c != '-'; }

}  // namespace

Lexer::Lexer(std::string_view text, Diagnostics& out, std::uint32_t file)
    : text_(text), out_(out), position_{.line = 1, .column = 1, .file = file} {
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

void Lexer::advance() {
  const char c = text_[at_++];
  if (c == '\n') {
    ++position_.line;
    position_.column = 1;
  } else if (at_ == text_.size() || !is_utf8_continuation(text_[at_])) {
    ++position_.column;
  }
}

void Lexer::skip_blanks_and_comments() {
  while (!at_end()) {
    if (front() == '#') {
      while (!at_end() && front() != '\n') advance();
    } else if (is_blank(front())) {
      advance();
    } else {
      return;
    }
  }
}

Token Lexer::next() {
  skip_blanks_and_comments();
  const auto begin = at_;
  Token made = token();
  made.begin = begin;
  made.end = at_;
  return made;
}

Token Lexer::token() {
  if (at_end()) return {.kind = Token::Kind::end, .at = position_, .after = position_, .text = {}};
  const auto sign = [this](Token::Kind kind) {
    Token token{.kind = kind, .at = position_, .after = {}, .text = {}};
    advance();
    token.after = position_;
    return token;
  };
  switch (front()) {
    case ';': return sign(Token::Kind::semicolon);
    case '{': return sign(Token::Kind::open);
    case '}': return sign(Token::Kind::close);
    default: return word();
  }
}

Token Lexer::word() {
  Token token{.kind = Token::Kind::word, .at = position_, .after = {}, .text = {}};
  if (front() == '"') {
    if (quoted_piece(token) && !at_end() && !ends_word(front())) {
      out_.error(position_, "a string goes on behind its '\"'", "a space or ';'");
      bare_piece(token);
    }
  } else {
    std::size_t size = 0;
    while (at_ + size < text_.size() && is_key(text_[at_ + size])) ++size;
    if (size > 0 && begins_key(front()) && at_ + size < text_.size() && text_[at_ + size] == '=') {
      token.key_size = size;
      for (std::size_t i = 0; i <= size; ++i) {
        token.text += front();
        advance();
      }
      // A value is a list of strings and bare pieces with commas between them.
      while (!at_end() && !ends_word(front())) {
        if (front() == '"' && (token.text.back() == ',' || token.text.size() == size + 1)) {
          if (!quoted_piece(token)) break;
          if (at_end() || ends_word(front())) break;
          if (front() != ',') {
            out_.error(position_, "a string goes on behind its '\"'", "a space, ',' or ';'");
            bare_piece(token);
            break;
          }
          token.text += ',';
          advance();
        } else {
          bare_piece(token);
        }
      }
    } else {
      bare_piece(token);
    }
  }
  token.after = position_;
  check(token);
  return token;
}

/// Takes bare characters up to the end of the word, or up to a '"' that opens a string in the value of a `key=`.
void Lexer::bare_piece(Token& token) {
  while (!at_end() && !ends_word(front())) {
    const char c = front();
    token.text += c;
    advance();
    if (token.key_size > 0 && c == ',' && !at_end() && front() == '"') return;
  }
}

/// Takes a string from its opening to its closing quote. False where it is not closed on its line.
bool Lexer::quoted_piece(Token& token) {
  const Position opened = position_;
  token.quoted = true;
  advance();
  while (!at_end() && front() != '\n' && front() != '\r') {
    char c = front();
    advance();
    if (c == '"') return true;
    if (c == '\\' && !at_end() && (front() == '"' || front() == '\\')) {
      c = front();
      advance();
    }
    token.text += c;
  }
  out_.error(opened, "string is not closed on its line", "'\"'");
  return false;
}

/// Refuses words that no message, log or playlist could carry.
void Lexer::check(Token& token) {
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (token.text.size() > kMaxWord) {
    out_.error(token.at, fmt::format("a word of {} bytes", token.text.size()), fmt::format("at most {}", kMaxWord));
  } else if (!is_utf8(token.text)) {
    out_.error(token.at, "a word is not UTF-8");
  } else if (std::ranges::any_of(token.text, control)) {
    out_.error(token.at, "a word has a control character in it");
  } else {
    return;
  }
  token.text = "?";
  token.key_size = 0;
}

}  // namespace sluice::config
