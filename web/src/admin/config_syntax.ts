/// The configuration's language, as far as its colours go.

export type TokenKind = "comment" | "string" | "word" | "directive" | "mark" | "space";

export interface Token {
  kind: TokenKind;
  text: string;
}

const kToken = /(#[^\n]*)|("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|([{};])|(\s+)|([^\s{};"']+)/g;

/// All of `text`, cut into tokens. The first word of a statement is its directive; `begins` says whether `text` begins one.
export function tokens(text: string, begins = true): Token[] {
  const out: Token[] = [];
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

/// Whether a statement begins after `before`: undefined where nothing but space and comments stands there.
function beginsAfter(before: Token[]): boolean | undefined {
  const said = before.filter(({ kind }) => kind !== "space" && kind !== "comment");
  return said.length === 0 ? undefined : said[said.length - 1]?.kind === "mark";
}

/// The tokens of `lines`, from line `from` up to line `to` (from 0, without `to`). No token is longer than its line, so
/// that the others need not be read, however many they are.
export function tokenLines(lines: string[], from: number, to: number): Token[][] {
  let begins: boolean | undefined;
  for (let i = from - 1; i >= 0 && begins === undefined; i--) begins = beginsAfter(tokens(lines[i] ?? ""));
  return lines.slice(from, to).map((line) => {
    const found = tokens(line, begins);
    begins = beginsAfter(found) ?? begins;
    return found;
  });
}

/// How many columns the longest line takes; characters of the East are as wide as two, and a tab at most.
export function columnsOf(lines: string[]): number {
  let most = 0;
  for (const line of lines) {
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
