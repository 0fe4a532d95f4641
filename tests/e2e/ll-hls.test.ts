import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import { check, type Checked } from "./harness/checker";
import { makeClip, publish } from "./harness/clip";
import { loadMedia, type MediaPlaylist } from "./harness/playlist";
import { Program } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { until } from "./harness/wait";

/// Live streams of many rates from ffmpeg, followed by the checker of RFC 8216bis; SECONDS=300 follows them longer.

const kSeconds = Number(process.env["SECONDS"] ?? 60);
const kSegment = 2; // seconds

/// Thirty pictures a second for a second and a half, then six a second.
const kVariable = ["-vf", "select='lt(mod(n,90),45)+not(mod(n,5))'", "-fps_mode", "vfr"];

/// Of ffmpeg's test picture and a tone.
interface Source {
  rate?: string; // pictures a second; none: no picture
  filter?: readonly string[];
  sampleRate?: number; // none: no sound
}
const kSources: Record<string, Source> = {
  "film": { rate: "24000/1001", sampleRate: 48_000 },
  "pal": { rate: "25", sampleRate: 48_000 },
  "ntsc": { rate: "30000/1001", sampleRate: 44_100 },
  "double-ntsc": { rate: "60000/1001", sampleRate: 48_000 },
  "half-pal": { rate: "25/2", sampleRate: 44_100 },
  "slides": { rate: "1", sampleRate: 48_000 },
  "variable": { rate: "30", filter: kVariable, sampleRate: 48_000 },
  "audio-only": { sampleRate: 48_000 },
  "video-only": { rate: "25" },
  "restarted": { rate: "25", sampleRate: 48_000 },
};
const kToken = "?token=s3cr%2Ft";
const kFollowed = [...Object.keys(kSources).map((name) => [name, ""]), ...["pal", "audio-only", "restarted"].map((name) => [name, kToken])] as [string, string][];

let server: Server;
let gone: MediaPlaylist; // of a stream that was there at the beginning

/// ffmpeg publishes a source, encoded as it goes.
function broadcast(name: string): Program {
  const { rate, filter = [], sampleRate } = kSources[name] as Source;
  const input = (source: string) => ["-re", "-f", "lavfi", "-i", source];
  const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads", "1", "-pix_fmt", "yuv420p"];
  return new Program("ffmpeg", [
    ...["-hide_banner", "-v", "error", "-nostats"],
    ...(rate === undefined ? [] : input(`testsrc2=size=320x180:rate=${rate}`)),
    ...(sampleRate === undefined ? [] : input(`sine=frequency=440:sample_rate=${sampleRate}`)),
    ...(rate === undefined ? [] : [...filter, ...coding, "-force_key_frames", `expr:gte(t,n_forced*${kSegment})`]),
    ...["-c:a", "aac", "-b:a", "64k", "-f", "flv", `${server.rtmp}/static/${name}`],
  ]);
}

/// Publishes four seconds and leaves; returns the playlist of its picture.
async function visit(name: string): Promise<{ url: string; last: MediaPlaylist }> {
  await publish(`${server.rtmp}/${name}`, await makeClip({ frames: 100 })).done();
  const url = `${server.http}/${name}/tracks-v1/index.ll.m3u8`;
  return { url, last: await loadMedia(url) };
}

before(async () => {
  const streams = Object.keys(kSources).map((name) => `stream ${name} { input publish://; segment_duration ${kSegment}; }`);
  server = await Server.start(`template visit { prefix visit; input publish://; segment_duration 1; }\n${streams.join("\n")}`);
  gone = (await visit("visit/gone")).last;
});
after(() => server.stop());

describe(`playlists of live streams, followed for ${kSeconds} s`, () => {
  const found = new Map<string, Checked>();
  const address = (name: string, query: string) => `${server.http}/${name}/index.ll.m3u8${query}`;

  before(async () => {
    const publishers = new Map(Object.keys(kSources).map((name) => [name, broadcast(name)]));
    await Promise.all([...publishers.keys()].map((name) => server.runs(name)));

    const urls = (restarted: boolean) =>
      kFollowed.filter(([name]) => (name === "restarted") === restarted).map(([name, query]) => address(name, query));
    const checks = [check(kSeconds, urls(false)), check(kSeconds, urls(true), { sourcePauses: true })];
    publishers.set("restarted", await restart(publishers.get("restarted") as Program));
    for (const checked of (await Promise.all(checks)).flat()) found.set(checked.url, checked);
    for (const publisher of publishers.values()) assert.ok(publisher.running, `${publisher.label} ended: ${publisher.log}`);
  });

  /// Kills the publisher after a third of the time, and starts it again.
  async function restart(first: Program): Promise<Program> {
    const frames = async () => (await server.stream("restarted"))?.stats.frames_in ?? 0;
    const enough = (await frames()) + (kSeconds / 3) * (25 + 48_000 / 1024);
    await until("a third of the time", async () => (await frames()) > enough, () => !first.running, kSeconds * 1000);
    await first.end("SIGKILL");
    await server.waits("restarted");
    return broadcast("restarted");
  }

  for (const [name, query] of kFollowed) {
    scenario(`${name}${query === "" ? "" : " with a token"}: no rule is broken`, async () => {
      const checked = found.get(address(name, query));
      assert.ok(checked, "was followed");
      assert.deepEqual(checked.faults, []);
      const { rate, sampleRate } = kSources[name] as Source;
      const tracks = (rate === undefined ? 0 : 1) + (sampleRate === undefined ? 0 : 1);
      assert.equal(checked.playlists, tracks);
      // Segments may be longer than asked for, and the first is not there at once.
      assert.ok(checked.segments > (tracks * kSeconds) / kSegment / 2, JSON.stringify(checked));
      assert.ok(checked.parts > (tracks * kSeconds) / 2, JSON.stringify(checked));
      assert.ok(checked.reloads > checked.parts / 2, JSON.stringify(checked));
      assert.ok(checked.unlisted > 0, JSON.stringify(checked));
    });
  }
});

describe("requests that ask for", { concurrency: true }, () => {
  const path = "/pal/tracks-v1/index.ll.m3u8";
  const load = () => loadMedia(`${server.http}${path}`);
  const next = (list: MediaPlaylist) => list.mediaSequence + list.segments.length;
  const status = async (query: string) => (await server.get(`${path}?${query}`)).status;

  scenario("a part beyond the last of its segment are answered with the first of the next", async () => {
    const msn = next(await load());
    const list = await loadMedia(`${server.http}${path}?_HLS_msn=${msn}&_HLS_part=12`); // a segment has ten
    assert.ok(next(list) > msn, list.text);
    assert.match(list.text.split("\n").slice(-4).join("\n"), /#EXT-X-PART:/);
  });
  scenario("a segment that is gone are answered at once with the whole playlist", async () => {
    const now = await load();
    const ask = (msn: number) => loadMedia(`${server.http}${path}?_HLS_msn=${msn}&_HLS_part=3`);
    const [gone, held] = [ask(now.mediaSequence - 100), ask(next(now) + 1)];
    const first = await Promise.race([gone.then(() => "gone"), held.then(() => "a segment away")]);
    assert.equal(first, "gone");
    const list = await gone;
    assert.ok(list.segments.length > 3);
    await held;
  });
  scenario("the far future are refused at once", async () => {
    const msn = next(await load());
    for (const query of [`_HLS_msn=${msn + 5}`, `_HLS_msn=${msn}&_HLS_part=100`, `_HLS_msn=${2n ** 64n - 1n}`, `_HLS_msn=${msn * 1000}&_HLS_part=0`]) {
      assert.equal(await status(query), 400, query);
    }
  });
  scenario("what cannot be meant are refused", async () => {
    for (const query of ["_HLS_part=0", "_HLS_msn=", "_HLS_msn=x", "_HLS_msn=-1", `_HLS_msn=${2n ** 64n}`, "_HLS_msn=1&_HLS_part=x"]) {
      assert.equal(await status(query), 400, query);
    }
  });
  scenario("a part that never was are not found", async () => {
    for (const part of ["part-0-999999.m4s", "part-7-1.m4s", "part-0-0.m4s", "gap.m4s"]) {
      assert.equal((await server.get(`/pal/tracks-v1/${part}`)).status, 404, part);
    }
  });

  scenario("what comes next when the source has left are held for three target durations, then 503", async () => {
    const { url, last } = await visit("visit/stopped");
    const begin = performance.now();
    const response = await fetch(`${url}?_HLS_msn=${next(last) + 1}`);
    assert.equal(response.status, 503, await response.text());
    const held = (performance.now() - begin) / 1000;
    assert.ok(held > 3 * last.targetDuration - 0.1, `${held} s`);
    assert.equal((await fetch(url)).status, 200, "what there is, is there");
  });
  scenario("a stream that is gone are not found, whatever they ask for", async () => {
    const base = `${server.http}/visit/gone`;
    await until("the end of the stream", async () => (await fetch(`${base}/index.ll.m3u8`)).status === 404, () => false, 60_000);
    for (const file of [
      ...["index.ll.m3u8", "tracks-v1/index.ll.m3u8", `tracks-v1/index.ll.m3u8?_HLS_msn=${next(gone)}&_HLS_part=0`],
      ...["tracks-v1/index.ll.m3u8?_HLS_skip=YES", "tracks-a1/index.ll.m3u8", "index.m3u8"],
    ]) {
      assert.equal((await fetch(`${base}/${file}`)).status, 404, file);
    }
    for (const { uri, map } of gone.segments) for (const url of [uri, map ?? ""]) assert.equal((await fetch(url)).status, 404, url);
  });
});
