import type { Stream } from "./stream_api";

export interface Trouble {
  label: string;
  count: number;
}

/// Counters of the API that count what should not be, in words.
const kTroubles: Record<string, string> = {
  retry_count: "Input started again",
  input_switches: "Input switches",
  viewers_skipped: "Slow viewers moved on",
  viewers_cut: "Slow viewers cut off",
};

const kFamilies = /^input\.((errors|resync_count|reorder_count)(_\w+)?)$/;

/// "errors_ts_cc": "Errors ts cc"
function inWords(counter: string): string {
  const words = counter.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/// What went wrong with a stream since it was made, with how often; what never did is left out.
export function streamTroubles(stream: Stream): Trouble[] {
  const out: Trouble[] = [];
  for (const [counter, count] of stream.counters) {
    const label = kTroubles[counter] ?? (kFamilies.exec(counter)?.[1] ? inWords(counter.slice("input.".length)) : undefined);
    if (label !== undefined && count > 0 && counter !== "input.errors") out.push({ label, count });
  }
  return out;
}

export function streamErrors(stream: Stream): number {
  return streamTroubles(stream).reduce((sum, { count }) => sum + count, 0);
}
