import { ApiError, fetchStreams, type Stream, type StreamPage } from "../lib/stream_api";

export interface StreamList {
  /** "denied": the server wants a login. "unreachable": what is shown is from before. */
  status: "loading" | "ok" | "denied" | "unreachable";
  streams: Stream[];
  total: number;
  /** kbit/s of the last polls, oldest first, by stream. */
  history: Map<string, number[]>;
}

export const kEmptyList: StreamList = { status: "loading", streams: [], total: 0, history: new Map() };

const kPollMs = 2_000;
const kTimeoutMs = 8_000;
const kHistoryLength = 60;

/// Streams that run first, each group in the server's order.
function inOrder(streams: Stream[]): Stream[] {
  return [...streams.filter((stream) => stream.alive), ...streams.filter((stream) => !stream.alive)];
}

/// The list after a poll that brought `page`.
export function nextList(list: StreamList, page: StreamPage): StreamList {
  const history = new Map<string, number[]>();
  for (const { name, alive, bitrate } of page.streams) {
    const samples = [...(list.history.get(name) ?? []), alive ? (bitrate ?? 0) : 0];
    history.set(name, samples.slice(-kHistoryLength));
  }
  return { status: "ok", streams: inOrder(page.streams), total: page.total, history };
}

export function failedList(list: StreamList, error: unknown): StreamList {
  const denied = error instanceof ApiError && (error.status === 401 || error.status === 403);
  return { ...list, status: denied ? "denied" : "unreachable" };
}

/// Asks every two seconds, while the page is on view. Returns what ends it.
export function pollStreams(update: (change: (list: StreamList) => StreamList) => void): () => void {
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;

  const ask = async () => {
    clearTimeout(timer);
    if (asking || document.hidden || stopped.signal.aborted) return;
    asking = true;
    const request = new AbortController();
    const timeout = setTimeout(() => request.abort(), kTimeoutMs);
    try {
      const page = await fetchStreams(request.signal);
      if (!stopped.signal.aborted) update((list) => nextList(list, page));
    } catch (error) {
      if (!stopped.signal.aborted) update((list) => failedList(list, error));
    } finally {
      clearTimeout(timeout);
      asking = false;
    }
    timer = setTimeout(() => void ask(), kPollMs);
  };

  document.addEventListener("visibilitychange", () => void ask(), { signal: stopped.signal });
  void ask();
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
}
