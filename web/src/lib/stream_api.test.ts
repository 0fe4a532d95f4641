import { afterEach, describe, expect, it, vi } from "vitest";

import { Api } from "./api";
import { basicLogin } from "./login";
import { fetchStreams, kStreams, parseStreamPage } from "./stream_api";
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
    expect(streams[0]).toEqual({ name: "a", title: "", alive: false, status: "", tracks: [], namedBy: "", template: "", disabled: false, source: "", inputs: [], counters: new Map() });
    expect(streams[1]).toMatchObject({ name: "b", alive: false });
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

  it("sends what is wanted, and the login that there is", async () => {
    const asked: [string, RequestInit][] = [];
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      asked.push([url, init]);
      return Promise.resolve(Response.json({ streams: [{ name: "a" }], estimated_count: 2, next: "c=1" }));
    });
    const page = await fetchStreams(new Api(basicLogin("admin", "geheim€")), kStreams, { limit: 1, q: "a&b", cursor: "" });
    expect(page).toMatchObject({ total: 2, next: "c=1", streams: [{ name: "a" }] });
    expect(asked[0]?.[0]).toBe("/streamer/api/v3/streams?limit=1&q=a%26b");
    expect(asked[0]?.[1].headers).toMatchObject({ authorization: "Basic YWRtaW46Z2VoZWlt4oKs" });
  });

  it("says why it was refused", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ errors: [{ title: "limit is no number" }] }, { status: 400 })));
    await expect(fetchStreams(new Api(undefined), kStreams, {})).rejects.toMatchObject({ status: 400, denied: false, message: "limit is no number" });
  });

  it("says after each question whether the server answers", async () => {
    const heard: boolean[] = [];
    const api = new Api(undefined, (reachable) => heard.push(reachable));
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
    await expect(api.json("config/stats")).rejects.toThrow("network");
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 403 })));
    await expect(api.json("config/stats")).rejects.toMatchObject({ denied: true });
    expect(heard).toEqual([false, true]);
  });
});
