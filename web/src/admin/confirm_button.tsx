import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

const kMindMs = 4_000;

/// A button for what cannot be undone: the first press asks, the second does it. Escape, a press elsewhere or a while
/// without one take it back.
export function ConfirmButton({ children, question, label, tone = "", small = false, busy = false, onConfirm }: {
  children: ComponentChildren;
  question: string;
  label: string;
  /** A class of buttons, until it asks. */
  tone?: string;
  small?: boolean;
  busy?: boolean;
  onConfirm(): void;
}) {
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!asking) return;
    const back = () => setAsking(false);
    const timer = setTimeout(back, kMindMs);
    const elsewhere = (event: Event) => {
      if (!button.current?.contains(event.target as Node)) back();
    };
    document.addEventListener("pointerdown", elsewhere);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerdown", elsewhere);
    };
  }, [asking]);

  return (
    <button
      ref={button}
      type="button"
      class={`button ${small ? "is-small" : ""} ${asking ? "is-sure" : tone}`}
      aria-label={asking ? `${question}: ${label}` : label}
      disabled={busy}
      onKeyDown={(event) => {
        if (event.key === "Escape" && asking) {
          event.stopPropagation();
          setAsking(false);
        }
      }}
      onClick={() => {
        setAsking(!asking);
        if (asking) onConfirm();
      }}
    >
      {asking ? question : children}
    </button>
  );
}
