/// Does `work` now and then each `ms` after it was done, while the page is on view. Returns what ends it.
export function repeat(work: (signal: AbortSignal) => Promise<void>, ms: number): () => void {
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let working = false;

  const run = async () => {
    clearTimeout(timer);
    if (working || document.hidden || stopped.signal.aborted) return;
    working = true;
    try {
      await work(stopped.signal);
    } finally {
      working = false;
    }
    if (!stopped.signal.aborted) timer = setTimeout(() => void run(), ms);
  };

  document.addEventListener("visibilitychange", () => void run(), { signal: stopped.signal });
  void run();
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
}
