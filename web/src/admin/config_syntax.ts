/// The configuration's language, as far as its colours go.

export type TokenKind = "comment" | "string" | "word" | "directive" | "mark" | "space";

export interface Token {
  kind: TokenKind;
  text: string;
}

const kToken = /(#[^\n]*)|("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|([{};])|(\s+)|([^\s{};"']+)/g;

/// All of `text`, cut into tokens. The first word of a statement is its directive.
export function tokens(text: string): Token[] {
  const out: Token[] = [];
  let begins = true; // a statement
  for (const match of text.matchAll(kToken)) {
    const [whole, comment, string, mark, space] = match;
    if (comment !== undefined) out.push({ kind: "comment", text: whole });
    else if (space !== undefined) out.push({ kind: "space", text: whole });
    else if (mark !== undefined) {
      out.push({ kind: "mark", text: whole });
      begins = true;
    } else {
      out.push({ kind: string !== undefined ? "string" : begins ? "directive" : "word", text: whole });
      begins = false;
    }
  }
  return out;
}

/// The tokens, line by line.
export function tokenLines(text: string): Token[][] {
  const lines: Token[][] = [[]];
  for (const { kind, text: whole } of tokens(text)) {
    whole.split("\n").forEach((part, index) => {
      if (index > 0) lines.push([]);
      if (part !== "") lines[lines.length - 1]?.push({ kind, text: part });
    });
  }
  return lines;
}

/// How many columns the longest line takes; characters of the East are as wide as two, and a tab at most.
export function columnsOf(text: string): number {
  let most = 0;
  for (const line of text.split("\n")) {
    if (line.length * 2 <= most) continue;
    let columns = 0;
    for (const character of line) columns += character === "\t" || character > "\u02ff" ? 2 : 1;
    most = Math.max(most, columns);
  }
  return most;
}

/// Where line `line`, column `column` (both from 1, columns in characters) is in `text`.
export function offsetOf(text: string, line: number, column: number): number {
  let begin = 0;
  for (let i = 1; i < line; i++) {
    const end = text.indexOf("\n", begin);
    if (end < 0) return text.length;
    begin = end + 1;
  }
  const end = text.indexOf("\n", begin);
  const characters = [...text.slice(begin, end < 0 ? undefined : end)];
  return begin + characters.slice(0, Math.max(0, column - 1)).join("").length;
}
