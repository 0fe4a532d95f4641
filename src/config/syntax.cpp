#include "config/syntax.hpp"

#include <fmt/format.h>

#include <utility>

#include "config/lexer.hpp"
#include "config/suggest.hpp"

namespace sluice::config {
namespace {

std::string describe(const Token& token) {
  switch (token.kind) {
    case Token::Kind::word: return token.quoted ? "string" : shown(token.text);
    case Token::Kind::semicolon: return "';'";
    case Token::Kind::open: return "'{'";
    case Token::Kind::close: return "'}'";
    case Token::Kind::end: return "end of file";
  }
  std::unreachable();
}

/// Recursive descent over `file := { statement }`. After an error it goes on with what may begin a statement.
class Parser {
 public:
  Parser(std::string_view text, Diagnostics& out, std::uint32_t file) : lexer_(text, out, file), out_(out) { take(); }

  std::vector<Statement> file() {
    std::vector<Statement> statements;
    while (going()) {
      statements_until_close(statements, 0);
      if (!going()) break;
      unexpected("a directive");
      take();
    }
    return statements;
  }

 private:
  /// Reads statements up to a '}' or the end, which it leaves in token_.
  void statements_until_close(std::vector<Statement>& into, std::size_t depth) {
    while (going() && token_.kind != Token::Kind::close) {
      if (token_.kind == Token::Kind::word && token_.key_size == 0 && !token_.quoted) {
        into.push_back(statement(depth));
      } else {
        unexpected("a directive");
        take();
      }
    }
  }

  Statement statement(std::size_t depth) {
    Statement made{.name = std::move(token_.text), .at = token_.at, .after = token_.after, .begin = token_.begin};
    take();
    while (token_.kind == Token::Kind::word) {
      made.args.push_back({std::move(token_.text), token_.key_size, token_.quoted, token_.at, token_.after});
      take();
    }
    if (token_.kind == Token::Kind::semicolon) {
      made.end = token_.end;
      take();
    } else if (token_.kind == Token::Kind::open) {
      block(made, depth);
    } else {
      unexpected(fmt::format("';' at the end of {}", shown(made.name)));
    }
    return made;
  }

  void block(Statement& made, std::size_t depth) {
    made.has_block = true;
    made.block_at = token_.at;
    if (depth + 1 > kMaxDepth) return give_up(fmt::format("more than {} blocks within blocks", kMaxDepth));
    take();
    statements_until_close(made.block, depth + 1);
    if (stopped_) return;
    if (token_.kind == Token::Kind::end) {
      out_.error(made.block_at, fmt::format("the block of {} is not closed", shown(made.name)), "'}'");
      stopped_ = true;  // the blocks around it are open for the same reason
      return;
    }
    made.end = token_.end;
    take();
    if (token_.kind != Token::Kind::semicolon) return;
    made.end = token_.end;  // real files have a stray ';' behind a '}'
    take();
  }

  void unexpected(std::string expected) {
    if (!stopped_) out_.error(token_.at, "unexpected " + describe(token_), std::move(expected));
  }

  void give_up(std::string message) {
    out_.error(token_.at, std::move(message));
    stopped_ = true;
  }

  void take() {
    token_ = lexer_.next();
    if (token_.kind == Token::Kind::word && ++words_ > kMaxWords) give_up(fmt::format("more than {} words", kMaxWords));
  }

  [[nodiscard]] bool going() const { return token_.kind != Token::Kind::end && !stopped_ && !out_.full(); }

  Lexer lexer_;
  Diagnostics& out_;
  Token token_;
  std::size_t words_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::vector<Statement> parse(std::string_view text, Diagnostics& out, std::uint32_t file) {
  if (text.size() > kMaxFileSize) {
    out.error({.file = file}, fmt::format("a file of {} bytes", text.size()), fmt::format("at most {}", kMaxFileSize));
    return {};
  }
  return Parser(text, out, file).file();
}

}  // namespace sluice::config
