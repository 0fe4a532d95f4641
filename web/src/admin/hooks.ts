import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";

import type { Api } from "../lib/api";
import type { Server } from "../lib/urls";
import { repeat } from "../lib/repeat";
import type { ServerHistory } from "./history";

/// What every page of the console works with.
export interface Console {
  api: Api;
  server: Server;
  history: ServerHistory;
}

const context = createContext<Console | undefined>(undefined);
export const ConsoleProvider = context.Provider;

export function useConsole(): Console {
  const value = useContext(context);
  if (value === undefined) throw new Error("outside of the console");
  return value;
}

export interface Polled<T> {
  /** The newest; what is shown stays while the next is on its way, or cannot be had. */
  value: T | undefined;
  error: unknown;
  /** Asks at once. */
  refresh(): void;
}

/// What `load` brings, again every `ms` while the page is on view. `key` says what is asked for: another key forgets the
/// old value only when the new one is there, so that lists do not flicker.
export function usePolled<T>(key: string, ms: number, load: (signal: AbortSignal) => Promise<T>): Polled<T> {
  const [state, setState] = useState<{ key: string; value: T | undefined; error: unknown }>({ key, value: undefined, error: undefined });
  const [turn, setTurn] = useState(0);
  const newest = useRef(load);
  newest.current = load;

  useEffect(
    () =>
      repeat(async (signal) => {
        try {
          const value = await newest.current(signal);
          if (!signal.aborted) setState({ key, value, error: undefined });
        } catch (error) {
          if (!signal.aborted) setState((old) => ({ key, value: old.value, error }));
        }
      }, ms),
    [key, ms, turn],
  );
  const refresh = useCallback(() => setTurn((old) => old + 1), []);
  return { value: state.value, error: state.error, refresh };
}

/// `value` once it has not changed for `ms`.
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
