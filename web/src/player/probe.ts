/// Asks whether there is something to play, without disturbing what a player still shows.

export type Probe =
  | { kind: "live"; sequence: number } // number of the newest segment (RFC 8216, 6.2.1)
  | { kind: "ended" } // there is a playlist, and it will not grow
  | { kind: "denied" }
  | { kind: "unavailable"; status: number }; // 0: nobody answered

const kTimeoutMs = 8_000;

const isPlaylist = (text: string) => text.startsWith("#EXTM3U");

/// The address of the first variant of a master playlist; none where the text is a media playlist.
function firstVariant(text: string): string | undefined {
  const lines = text.split(/\r?\n/);
  const info = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF"));
  return info < 0 ? undefined : lines.slice(info + 1).find((line) => line !== "" && !line.startsWith("#"));
}

export function readMediaPlaylist(text: string): Probe {
  if (!isPlaylist(text)) return { kind: "unavailable", status: 200 };
  const segments = text.match(/^#EXTINF:/gm)?.length ?? 0;
  // A delta update or a stream that has only parts so far: not yet a place to begin.
  if (segments === 0) return { kind: "unavailable", status: 200 };
  if (/^#EXT-X-ENDLIST/m.test(text)) return { kind: "ended" };
  const first = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0);
  return { kind: "live", sequence: first + segments - 1 };
}

function refusal(status: number): Probe {
  return status === 401 || status === 403 ? { kind: "denied" } : { kind: "unavailable", status };
}

export async function probe(url: string, signal: AbortSignal): Promise<Probe> {
  const timeout = new AbortController();
  const abort = () => timeout.abort();
  const timer = setTimeout(abort, kTimeoutMs);
  signal.addEventListener("abort", abort);
  try {
    const master = await fetch(url, { signal: timeout.signal, cache: "no-store" });
    if (!master.ok) return refusal(master.status);
    const text = await master.text();
    const variant = firstVariant(text);
    if (variant === undefined) return readMediaPlaylist(text);

    const media = await fetch(new URL(variant, master.url), { signal: timeout.signal, cache: "no-store" });
    return media.ok ? readMediaPlaylist(await media.text()) : refusal(media.status);
  } catch {
    return { kind: "unavailable", status: 0 };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
