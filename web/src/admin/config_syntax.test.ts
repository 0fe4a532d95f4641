import { describe, expect, it } from "vitest";

import { columnsOf, offsetOf, tokenLines, tokens } from "./config_syntax";

describe("the colours of a configuration", () => {
  it("tell directives, strings, comments and marks apart", () => {
    const kinds = tokens('stream a/b { title "x; {y}"; } # end').filter(({ kind }) => kind !== "space");
    expect(kinds).toEqual([
      { kind: "directive", text: "stream" },
      { kind: "word", text: "a/b" },
      { kind: "mark", text: "{" },
      { kind: "directive", text: "title" },
      { kind: "string", text: '"x; {y}"' },
      { kind: "mark", text: ";" },
      { kind: "mark", text: "}" },
      { kind: "comment", text: "# end" },
    ]);
  });

  it.each(["", "\n", "a\n\nb;\n", 'x "open\ny', "'", '"\\', "{{{;;", "a#b c", "\r\n\t \u00a0ü🙂;"])("lose nothing of %j", (text) => {
    expect(tokens(text).map((token) => token.text).join("")).toBe(text);
    const lines = text.split("\n");
    expect(tokenLines(lines, 0, lines.length).map((line) => line.map((token) => token.text).join(""))).toEqual(lines);
  });

  it("are the same for some lines as for all", () => {
    const lines = ["stream", "", "# {", "  a {", 'title "x', "y; url", "z", "}", "", "http 80; # ;", "rtmp"];
    const all = tokenLines(lines, 0, lines.length);
    expect(all.map((line) => line.filter(({ kind }) => kind === "directive").map((token) => token.text))).toEqual(
      [["stream"], [], [], [], ["title"], ["url"], [], [], [], ["http"], ["rtmp"]],
    );
    for (let from = 0; from < lines.length; from++) expect(tokenLines(lines, from, from + 3)).toEqual(all.slice(from, from + 3));
  });
});

it.each([["", 0], ["ab\nabc\n", 3], ["\ta\nab", 3], ["日本\nabc", 4]])("the longest line of %j takes %i columns", (text, columns) => {
  expect(columnsOf(text.split("\n"))).toBe(columns);
});

describe("a place in a text", () => {
  const text = "one\nzwei 🙂 x\n";
  it.each([
    [1, 1, 0],
    [1, 3, 2],
    [2, 1, 4],
    [2, 8, 12], // a character outside of the basic plane is one column, and two of the text's units
    [2, 99, 13],
    [9, 1, text.length],
  ])("line %i, column %i", (line, column, offset) => {
    expect(offsetOf(text, line, column)).toBe(offset);
  });
});
