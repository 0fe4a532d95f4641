import "./copy_field.css";

import { useEffect, useRef, useState } from "preact/hooks";

import { CheckIcon, CopyIcon } from "./icons";

/// The clipboard belongs to pages with TLS; a server in a local network often has none, and there the old way works.
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

const kThanksMs = 1_600;

/// A text to take along: a label, the text, a button that copies it. A long text takes more than a line.
export function CopyField({ label, hint, text, long = false }: { label: string; hint?: string; text: string; long?: boolean }) {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async () => {
    setCopied(await copyText(text));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), kThanksMs);
  };

  return (
    <div class="copy-field">
      <div class="copy-label">
        {label}
        {hint !== undefined && <span class="copy-hint">{hint}</span>}
      </div>
      <code class={`copy-text ${long ? "is-long" : ""}`} translate={false}>
        {long ? text.split(" ").flatMap((word, index) => [index > 0 && " ", <span key={index}>{word}</span>]) : text}
      </code>
      <button type="button" class={`button is-small copy-button ${copied ? "is-done" : ""}`} aria-label={`Copy ${label}`} onClick={() => void copy()}>
        {copied ? <CheckIcon /> : <CopyIcon />}
        <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
      </button>
    </div>
  );
}
