import { afterEach, describe, expect, it, vi } from "vitest";

import { ApiError, fetchStreams, parseStreamPage } from "./stream_api";
import { streamSummary, trackFacts } from "./tracks";

const running = {
  name: "cam",
  title: "Camera",
  stats: {
    status: "running",
    alive: true,
    bitrate: 2048,
    online_clients: 3,
    lifetime: 71_977,
    media_info: {
      tracks: [
        { track_id: "v1", content: "video", codec: "h264", width: 1280, height: 720, fps: 25 },
        { track_id: "a1", content: "audio", codec: "aac", sample_rate: 44100, channels: 2, language: "eng" },
        { track_id: "t1", content: "text", codec: "wvtt" },
      ],
    },
  },
  inputs: [{ url: "publish://" }],
};

describe("the list of streams", () => {
  it("is read", () => {
    const page = parseStreamPage({ streams: [running], estimated_count: 7, next: "JTI0" });
    expect(page.total).toBe(7);
    expect(page.next).toBe("JTI0");
    expect(page.streams[0]).toMatchObject({ name: "cam", title: "Camera", alive: true, bitrate: 2048, viewers: 3, lifetime: 71_977 });
  });

  it.each([
    null,
    "text",
    [],
    {},
    { streams: {} },
    { streams: [null, 1, "x", {}, { name: 5 }, { name: "" }] },
  ])("of %j is empty", (json) => {
    expect(parseStreamPage(json)).toEqual({ streams: [], total: 0 });
  });

  it("takes a stream without statistics, and none of the wrong kind", () => {
    const wrong = { name: "b", stats: { alive: "yes", bitrate: -1, online_clients: "many", media_info: { tracks: [null, 7] } } };
    const { streams } = parseStreamPage({ streams: [{ name: "a" }, wrong] });
    expect(streams[0]).toEqual({ name: "a", title: "", alive: false, status: "", viewers: 0, tracks: [] });
    expect(streams[1]).toMatchObject({ name: "b", alive: false, viewers: 0 });
    expect(streams[1]).not.toHaveProperty("bitrate");
  });

  it("is told in words", () => {
    const stream = parseStreamPage({ streams: [running] }).streams[0]!;
    expect(streamSummary(stream)).toBe("720p · H.264 · AAC");
    expect(stream.tracks.map(trackFacts)).toEqual([
      ["H.264", "1280×720", "25 fps"],
      ["AAC", "44.1 kHz", "stereo", "English"],
      ["WebVTT"],
    ]);
  });
});

describe("asking for the list", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("follows the pages", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", (url: string) => {
      asked.push(url);
      const first = !url.includes("cursor");
      return Promise.resolve(Response.json({ streams: [{ name: first ? "a" : "b" }], estimated_count: 2, ...(first ? { next: "c=1" } : {}) }));
    });
    const list = await fetchStreams(new AbortController().signal);
    expect(list.streams.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(list.total).toBe(2);
    expect(asked[1]).toContain("cursor=c%3D1");
  });

  it("is content with what everybody may know where it may not use the API", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", (url: string) => {
      asked.push(url.split("?")[0]!);
      if (url.startsWith("/streamer/")) return Promise.resolve(Response.json({ error: "authorization_failed" }, { status: 403 }));
      return Promise.resolve(Response.json({ streams: [{ name: "a", stats: { alive: true } }], ...(asked.length < 3 ? { next: "n" } : {}) }));
    });
    const list = await fetchStreams(new AbortController().signal);
    expect(list.streams.map(({ name, alive }) => [name, alive])).toEqual([["a", true], ["a", true]]);
    expect(asked).toEqual(["/streamer/api/v3/streams", "/-/streams", "/-/streams"]);
  });

  it("ends although the server always knows a next page", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ streams: Array(250).fill({ name: "x" }), next: "again" })));
    expect((await fetchStreams(new AbortController().signal)).streams).toHaveLength(2000);
  });

  it("says with which status it was refused", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 401 })));
    await expect(fetchStreams(new AbortController().signal)).rejects.toEqual(new ApiError(401));
  });
});
