import { setTimeout as pause } from "node:timers/promises";

/// How long a condition may take on a slow and busy machine. What holds is seen at once; only failures wait so long.
export const kPatienceMs = 20_000;

/// Asks `condition` until it gives something truthy, and returns that. Throws what was awaited, and the last error of
/// the condition, when `patienceMs` have passed, or as soon as `hopeless` says so.
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  hopeless: () => boolean = () => false,
  patienceMs = kPatienceMs,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + patienceMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (hopeless() || performance.now() > deadline) {
      const why = hopeless() ? "there is no hope of" : `waited ${patienceMs / 1000} s for`;
      throw new Error(`${why} ${what}`, last instanceof Error ? { cause: last } : {});
    }
    await pause(30);
  }
}

/// The promise, or an error when `patienceMs` have passed.
export async function within<T>(what: string, promise: Promise<T>, patienceMs = kPatienceMs): Promise<T> {
  const stop = new AbortController();
  const late = pause(patienceMs, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`waited ${patienceMs / 1000} s for ${what}`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}
