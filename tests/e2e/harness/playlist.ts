/// What the tests read of a media playlist (RFC 8216, 4.4).
export interface MediaPlaylist {
  text: string;
  targetDuration: number;
  mediaSequence: number;
  discontinuitySequence: number;
  segments: Segment[];
}

export interface Segment {
  number: number;
  uri: string; // absolute
  duration: number;
  map: string | undefined; // absolute
  discontinuity: number;
  startsDiscontinuity: boolean;
  utc: number | undefined; // ms
  parts: string[]; // absolute
}

/// Reads a media playlist that came from `url`. Not a judge of it: hls.js, ffmpeg and Chromium are.
export function parseMedia(text: string, url: string): MediaPlaylist {
  const out: MediaPlaylist = { text, targetDuration: 0, mediaSequence: 0, discontinuitySequence: 0, segments: [] };
  const absolute = (uri: string) => new URL(uri, url).href;
  let next: Partial<Segment> = {};
  let parts: string[] = [];
  let map: string | undefined;
  let discontinuity = 0;
  for (const line of text.split("\n")) {
    const [tag = "", value = ""] = splitOnce(line, ":");
    const uri = /URI="([^"]*)"/.exec(value)?.[1] ?? "";
    if (tag === "#EXT-X-TARGETDURATION") out.targetDuration = Number(value);
    else if (tag === "#EXT-X-MEDIA-SEQUENCE") out.mediaSequence = Number(value);
    else if (tag === "#EXT-X-DISCONTINUITY-SEQUENCE") discontinuity = out.discontinuitySequence = Number(value);
    else if (tag === "#EXT-X-DISCONTINUITY") [discontinuity, next.startsDiscontinuity] = [discontinuity + 1, true];
    else if (tag === "#EXT-X-MAP") map = absolute(uri);
    else if (tag === "#EXT-X-PROGRAM-DATE-TIME") next.utc = Date.parse(value);
    else if (tag === "#EXT-X-PART") parts.push(absolute(uri));
    else if (tag === "#EXTINF") next.duration = Number.parseFloat(value);
    else if (line !== "" && !line.startsWith("#")) {
      const number = out.mediaSequence + out.segments.length;
      const rest = { number, uri: absolute(line), map, discontinuity, parts, utc: next.utc };
      out.segments.push({ ...rest, duration: next.duration ?? Number.NaN, startsDiscontinuity: next.startsDiscontinuity ?? false });
      next = {};
      parts = [];
    }
  }
  return out;
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + by.length)];
}

/// The addresses that a master playlist names: of its first variant, and of everything else by URI attribute.
export function parseMaster(text: string, url: string): { variants: string[]; renditions: string[] } {
  const lines = text.split("\n");
  const absolute = (uri: string) => new URL(uri, url).href;
  return {
    variants: lines.filter((line) => line !== "" && !line.startsWith("#")).map(absolute),
    renditions: lines.flatMap((line) => /^#EXT-X-MEDIA:.*URI="([^"]*)"/.exec(line)?.[1] ?? []).map(absolute),
  };
}

/// The media playlists behind an address: itself, or all that the master playlist names that it is.
export async function loadPlaylists(url: string): Promise<string[]> {
  const text = await (await fetch(url, { signal: AbortSignal.timeout(20_000) })).text();
  if (text.includes("#EXT-X-TARGETDURATION")) return [url];
  const { variants, renditions } = parseMaster(text, url);
  return [...new Set([...variants, ...renditions])];
}

/// Loads the media playlist behind an address: itself, or the first variant of the master playlist that it is.
export async function loadMedia(url: string): Promise<MediaPlaylist> {
  for (let address = url; ; ) {
    const response = await fetch(address, { signal: AbortSignal.timeout(20_000) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`GET ${address}: ${response.status} ${text}`);
    if (text.includes("#EXT-X-TARGETDURATION")) return parseMedia(text, address);
    const [variant] = parseMaster(text, address).variants;
    if (variant === undefined) throw new Error(`GET ${address}: no playlist:\n${text}`);
    address = variant;
  }
}
