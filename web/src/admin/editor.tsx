import "./editor.css";

import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Problem } from "../lib/problems";
import { columnsOf, offsetOf, tokenLines, type Token } from "./config_syntax";

const kLineHeight = 21; // as editor.css has it
const kPadding = 12;
const kSpare = 30; // lines above and below those in sight

/// Shows a place to who edits.
export function goTo(area: HTMLTextAreaElement | null, problem: Problem): void {
  if (area === null || problem.line === undefined) return;
  const at = offsetOf(area.value, problem.line, problem.column ?? 1);
  area.focus({ preventScroll: true });
  area.setSelectionRange(at, at);
  const box = area.closest(".editor");
  if (box !== null) box.scrollTop = Math.max(0, (problem.line - 1) * kLineHeight - box.clientHeight / 3);
}

/// The lines of a box that scrolls which are in sight, with some to spare: a configuration may have a hundred thousand.
function useSight(lines: number): { box: RefObject<HTMLDivElement | null>; from: number; to: number; look(): void } {
  const box = useRef<HTMLDivElement>(null);
  const [[top, height], setSight] = useState<[number, number]>([0, 1000]);
  const look = () => {
    const element = box.current;
    if (element !== null) setSight((old) => (old[0] === element.scrollTop && old[1] === element.clientHeight ? old : [element.scrollTop, element.clientHeight]));
  };
  useLayoutEffect(() => {
    const resized = new ResizeObserver(look);
    if (box.current !== null) resized.observe(box.current);
    return () => resized.disconnect();
  }, []);
  const from = Math.max(0, Math.min(lines, Math.floor(top / kLineHeight)) - kSpare);
  const to = Math.min(lines, Math.ceil((top + height) / kLineHeight) + kSpare);
  return { box, from, to, look };
}

const markOf = (problem: Problem | undefined) => (problem === undefined ? "" : problem.warning ? "is-warning" : "is-wrong");

function Line({ tokens, problem }: { tokens: Token[]; problem: Problem | undefined }) {
  return (
    <span class={`editor-line ${markOf(problem)}`}>
      {tokens.map((token, index) => (
        <span key={index} class={`is-${token.kind}`}>
          {token.text}
        </span>
      ))}
      {"\n"}
    </span>
  );
}

/// A text of the configuration's language with line numbers; what is wrong with it is marked where it is. The text that
/// is typed lies, invisible, over the same text in colours.
export function Editor({ text, problems, readOnly, area, onChange, onSave }: {
  text: string;
  problems: Problem[];
  readOnly: boolean;
  area: RefObject<HTMLTextAreaElement | null>;
  onChange(text: string): void;
  onSave(): void;
}) {
  const lines = useMemo(() => text.split("\n"), [text]);
  const columns = useMemo(() => columnsOf(lines), [lines]);
  const { box, from, to, look } = useSight(lines.length);
  const wrong = new Map(problems.map((problem) => [problem.line, problem]));
  const shift = { paddingTop: `${kPadding + from * kLineHeight}px` };
  return (
    <div class="editor" ref={box} onScroll={look}>
      <div class="editor-numbers" aria-hidden="true" style={shift}>
        {lines.slice(from, to).map((_, index) => {
          const line = from + index + 1;
          return (
            <span key={line} class={markOf(wrong.get(line))} title={wrong.get(line)?.message}>
              {line}
            </span>
          );
        })}
      </div>
      <div class="editor-text" style={{ width: `calc(${columns}ch + 32px)`, height: `${lines.length * kLineHeight + 2 * kPadding}px` }}>
        <pre aria-hidden="true" style={shift}>
          {tokenLines(lines, from, to).map((tokens, index) => (
            <Line key={from + index} tokens={tokens} problem={wrong.get(from + index + 1)} />
          ))}
        </pre>
        <textarea
          ref={area}
          aria-label="Configuration"
          aria-invalid={problems.some(({ warning }) => !warning)}
          aria-describedby="config-problems"
          value={text}
          readOnly={readOnly}
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          wrap="off"
          onInput={(event) => onChange(event.currentTarget.value)}
          onKeyDown={(event) => {
            if ((event.ctrlKey || event.metaKey) && event.key === "s") {
              event.preventDefault();
              onSave();
            }
          }}
        />
      </div>
    </div>
  );
}
