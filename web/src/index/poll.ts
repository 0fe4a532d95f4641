import type { Api } from "../lib/api";
import { ApiError } from "../lib/api";
import { repeat } from "../lib/repeat";
import { fetchStreams, type Stream, type StreamPage } from "../lib/stream_api";

export interface StreamList {
  /** "denied": the server wants a login. "unreachable": what is shown is from before. */
  status: "loading" | "ok" | "denied" | "unreachable";
  streams: Stream[];
  /** The one that is looked at, which may stand on a later page. */
  chosen?: Stream | undefined;
  /** How many there are of what was looked for. */
  total: number;
  /** kbit/s of the last polls, oldest first, by stream. */
  history: Map<string, number[]>;
}

export const kEmptyList: StreamList = { status: "loading", streams: [], total: 0, history: new Map() };

/// What to ask for: so many streams, those that `words` find, and the one that is looked at.
export interface Wanted {
  path: string;
  limit: number;
  words: string;
  chosen: string | undefined;
}

const kPollMs = 2_000;
const kHistoryLength = 60;

/// Streams that run first, each group in the server's order.
function inOrder(streams: Stream[]): Stream[] {
  return [...streams.filter((stream) => stream.alive), ...streams.filter((stream) => !stream.alive)];
}

/// The list after a poll that brought `page`, and `chosen` where that is not on it.
export function nextList(list: StreamList, page: StreamPage, chosen?: Stream): StreamList {
  const history = new Map<string, number[]>();
  for (const { name, alive, bitrate } of chosen === undefined ? page.streams : [...page.streams, chosen]) {
    const samples = [...(list.history.get(name) ?? []), alive ? (bitrate ?? 0) : 0];
    history.set(name, samples.slice(-kHistoryLength));
  }
  return { status: "ok", streams: inOrder(page.streams), chosen, total: page.total, history };
}

export function failedList(list: StreamList, error: unknown): StreamList {
  return { ...list, status: error instanceof ApiError && error.denied ? "denied" : "unreachable" };
}

/// Asks every two seconds, while the page is on view. Returns what ends it.
export function pollStreams(api: Api, wanted: Wanted, update: (change: (list: StreamList) => StreamList) => void): () => void {
  const ask = async (signal: AbortSignal) => {
    try {
      const page = await fetchStreams(api, wanted.path, { limit: wanted.limit, q: wanted.words.trim() }, signal);
      let chosen: Stream | undefined = undefined;
      if (wanted.chosen !== undefined) {
        chosen = page.streams.find(({ name }) => name === wanted.chosen);
        chosen ??= (await fetchStreams(api, wanted.path, { name: wanted.chosen }, signal)).streams.find(({ name }) => name === wanted.chosen);
      }
      if (!signal.aborted) update((list) => nextList(list, page, chosen));
    } catch (error) {
      if (!signal.aborted) update((list) => failedList(list, error));
    }
  };
  return repeat(ask, kPollMs);
}
