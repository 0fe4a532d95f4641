import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import type { Browser } from "playwright-core";

import { complaints, HlsJsSite, launchBrowser, Tab } from "./harness/browser";
import { makeClip, publish, type Clip } from "./harness/clip";
import { loadMedia } from "./harness/playlist";
import { Program } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { Viewer } from "./harness/viewer";
import { until } from "./harness/wait";

/// The server is killed while HLS is played, and started again with the same configuration and ports; its publisher
/// comes back. Nobody reloads a page.

const kFps = 25;
const kForms = ["index.ts.m3u8", "index.fmp4.m3u8", "index.ll.m3u8"] as const;

let server: Server;
let clip: Clip;
let publisher: Program;
let browser: Browser;
let site: HlsJsSite;
const pages = new Map<string, Tab>(); // that play by hls.js

const address = (file: string) => `${server.http}/live/${file}`;

/// The publisher's first pictures are those after a restart, once later ones have been seen.
const kEarly = 4 * kFps;

before(async () => {
  clip = await makeClip({ frames: 1000, gop: kFps });
  server = await Server.start("stream live { input publish://; segment_duration 2; }");
  publisher = publish(`${server.rtmp}/static/live`, clip);
  await server.runs("live");
  [browser, site] = [await launchBrowser(), await HlsJsSite.start()];
  for (const form of kForms) pages.set(form, await Tab.open(browser, site.plays(address(form), form === "index.ll.m3u8" ? "low latency" : "hls.js")));
  pages.set("the embedded player", await Tab.open(browser, address("embed.html")));
  pages.set("the embedded player in real time", await Tab.open(browser, address("embed.html?realtime=true")));
});
after(async () => {
  await browser.close();
  site.stop();
  await server.stop();
});

/// What the playlists of all forms show.
async function served() {
  const lists = await Promise.all(kForms.map((form) => loadMedia(address(form))));
  const discontinuities = lists.flatMap((list) => list.segments.map(({ discontinuity }) => discontinuity));
  return {
    lists,
    next: Math.max(...lists.map((list) => list.mediaSequence + list.segments.length)), // in low latency it has parts
    discontinuity: Math.max(...discontinuities),
    names: lists.flatMap((list) => list.segments.flatMap(({ uri, parts }) => [uri, ...parts])),
    targetDuration: Math.max(...lists.map((list) => list.targetDuration)),
  };
}
type Served = Awaited<ReturnType<typeof served>>;

/// What a player saw of one restart.
interface Seen {
  what: string;
  seconds: number; // from the publisher's return to its pictures; Infinity: they never came
  complaints: string[];
}
interface Restart {
  before: Served;
  after: Served;
  seen: Seen[];
}

/// Kills and restarts the server while all pages play, and ffmpeg plays `form`.
async function restart(form: string): Promise<Restart> {
  for (const tab of pages.values()) await tab.shows(kEarly);
  const viewer = new Viewer(address(form));
  await viewer.sees(kEarly);
  const all = await served();
  // Just after it has loaded a playlist: ffmpeg gives up when one is refused, and loads the next in about two seconds.
  const packets = viewer.recording.video.length;
  await until("a segment", () => viewer.recording.video.length > packets);
  const numbers = viewer.numbers.length;

  await server.crash();
  await publisher.exited;
  publisher = publish(`${server.rtmp}/static/live`, clip);
  await server.runs("live");
  const begin = performance.now();
  const within = async (what: string, sees: () => Promise<boolean>): Promise<Seen> => {
    const came = await until(what, sees, () => false, 30_000).catch(() => false);
    return { what, seconds: came ? (performance.now() - begin) / 1000 : Infinity, complaints: [] };
  };
  const seen = await Promise.all([
    within(`ffmpeg with ${form}`, async () => viewer.numbers.slice(numbers).some((number) => number < kEarly)),
    ...[...pages].map(([name, tab]) => within(name, async () => (await tab.number()) >= 0 && (await tab.number()) < kEarly)),
  ]);
  for (const one of seen) {
    const tab = pages.get(one.what);
    one.complaints = tab === undefined ? [viewer.program.log] : [...tab.errors, ...(kForms.some((name) => name === one.what) ? await complaints(tab) : [])];
  }
  const after = await served();
  await viewer.stop();
  return { before: all, after, seen };
}

describe("a server that is killed and started again", () => {
  const restarts: Restart[] = [];
  before(async () => {
    for (const form of kForms) restarts.push(await restart(form));
  });

  scenario("numbers its segments and discontinuities above all that it ever served", async () => {
    for (const { before, after } of restarts) {
      for (const list of after.lists) {
        assert.ok(list.mediaSequence > before.next, `segment ${list.mediaSequence} after ${before.next}`);
        assert.ok(list.mediaSequence < before.next + 20, `segment ${list.mediaSequence} after ${before.next}: players take it for a long time`);
        assert.ok(list.discontinuitySequence >= before.discontinuity, `discontinuity ${list.discontinuitySequence} after ${before.discontinuity}`);
        for (const { discontinuity } of list.segments) assert.ok(discontinuity > before.discontinuity, list.text);
        assert.ok(list.discontinuitySequence < 1000, "huge numbers of discontinuities hang hls.js");
      }
    }
  });

  scenario("gives no name twice", async () => {
    const names = restarts.flatMap(({ before, after }) => [...new Set([...before.names, ...after.names])]);
    for (const { before, after } of restarts) {
      for (const name of after.names) assert.ok(!before.names.includes(name), name);
    }
    assert.ok(names.length > 100);
  });

  for (const [i, form] of kForms.entries()) {
    for (const what of [`ffmpeg with ${form}`, ...kForms.map((name) => name), "the embedded player", "the embedded player in real time"]) {
      scenario(`is played on within two target durations: ${what.startsWith("index") ? `hls.js with ${what}` : what}, restart ${i + 1}`, async () => {
        const { seen, after } = restarts[i] as Restart;
        const one = seen.find((candidate) => candidate.what === what);
        assert.ok(one && one.seconds < 2 * after.targetDuration, JSON.stringify(one, null, 1));
        const ofNetwork = /^networkError: \w+Load(Error|TimeOut)|^mediaError: buffer(StalledError|NudgeOnStall|SeekOverHole)/;
        if (!what.startsWith("ffmpeg")) assert.deepEqual(one.complaints.filter((complaint) => !ofNetwork.test(complaint)), []);
      });
    }
  }
});
