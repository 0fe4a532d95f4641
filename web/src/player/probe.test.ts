import { afterEach, describe, expect, it, vi } from "vitest";

import { backoffMs } from "./backoff";
import { probe, readMediaPlaylist } from "./probe";

const kMedia = "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:41\n#EXTINF:2.0,\na.ts\n#EXTINF:2.0,\nb.ts\n";
const kMaster = '#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\n# a comment\r\n\r\ntracks-v1a1/mono.m3u8?token=t\r\n';

describe("a media playlist", () => {
  it("has a newest segment", () => expect(readMediaPlaylist(kMedia)).toEqual({ kind: "live", sequence: 42 }));
  it("may have ended", () => expect(readMediaPlaylist(`${kMedia}#EXT-X-ENDLIST\n`)).toEqual({ kind: "ended" }));
  it.each(["", "<html>", "#EXTM3U\n#EXT-X-TARGETDURATION:3\n"])("of %j has nothing to play", (text) => {
    expect(readMediaPlaylist(text)).toEqual({ kind: "unavailable", status: 200 });
  });
});

describe("a probe", () => {
  afterEach(() => vi.unstubAllGlobals());

  const answering = (answers: Record<string, string | number>) => {
    vi.stubGlobal("fetch", (url: string | URL) => {
      const answer = answers[String(url)];
      if (answer === undefined) return Promise.reject(new TypeError("refused"));
      const response = typeof answer === "number" ? new Response("", { status: answer }) : new Response(answer);
      Object.defineProperty(response, "url", { value: String(url) });
      return Promise.resolve(response);
    });
    return probe("http://tv/cam/index.m3u8", new AbortController().signal);
  };

  it("follows the first variant", async () => {
    const found = await answering({ "http://tv/cam/index.m3u8": kMaster, "http://tv/cam/tracks-v1a1/mono.m3u8?token=t": kMedia });
    expect(found).toEqual({ kind: "live", sequence: 42 });
  });

  it("takes a media playlist at once", async () => {
    expect(await answering({ "http://tv/cam/index.m3u8": kMedia })).toEqual({ kind: "live", sequence: 42 });
  });

  it.each([
    [404, { kind: "unavailable", status: 404 }],
    [503, { kind: "unavailable", status: 503 }],
    [401, { kind: "denied" }],
    [403, { kind: "denied" }],
  ])("tells status %d", async (status, expected) => {
    expect(await answering({ "http://tv/cam/index.m3u8": status })).toEqual(expected);
    expect(await answering({ "http://tv/cam/index.m3u8": kMaster, "http://tv/cam/tracks-v1a1/mono.m3u8?token=t": status })).toEqual(expected);
  });

  it("tells a server that is gone", async () => {
    expect(await answering({})).toEqual({ kind: "unavailable", status: 0 });
  });
});

describe("waiting times", () => {
  it("begin short, grow, and end", () => {
    const times = Array.from({ length: 30 }, (_unused, attempt) => backoffMs(attempt, 0.5));
    expect(times[0]).toBe(500);
    expect(times[5]).toBeLessThanOrEqual(4_000);
    expect(times[19]).toBe(4_000);
    expect(times[29]).toBe(10_000);
    for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThanOrEqual(times[i - 1]!);
  });

  it("are scattered by a fifth", () => {
    expect(backoffMs(19, 0)).toBe(3_200);
    expect(backoffMs(19, 1)).toBeCloseTo(4_800);
  });
});
