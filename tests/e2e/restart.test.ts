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

const isOfHlsJs = (page: string) => kForms.some((form) => form === page);
const address = (file: string) => `${server.http}/live/${file}`;

/// The publisher's first pictures: of a new run, where later ones have been seen.
const kEarly = 4 * kFps;

before(async () => {
  clip = await makeClip({ frames: 1000, gop: kFps });
  server = await Server.start(`
    stream live { input publish://; segment_duration 2; }
    template cameras { prefix cameras; input publish://; segment_duration 1; }`);
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
  seconds: number; // from the publisher's return to its pictures; Infinity: they never came
  complaints: string[];
}
interface Restart {
  before: Served;
  after: Served;
  seen: Map<string, Seen>; // by player
}

/// Tells of each picture whether it is of the new run: numbers rise, and begin anew with a publisher.
function beginsAnew(): (number: number) => boolean {
  let most = -1;
  return (number) => {
    most = Math.max(most, number);
    return number >= 0 && number < most;
  };
}

/// Waits until ffmpeg has loaded a playlist and a whole segment. It gives up when a playlist is refused, and loads the next
/// in about two seconds; and it reads no CMAF any more when a segment was cut off.
async function rests(viewer: Viewer): Promise<void> {
  const kRestMs = 300;
  let [packets, since, grows] = [viewer.recording.video.length, performance.now(), false];
  await until("a segment", () => {
    const { length } = viewer.recording.video;
    if (length > packets) [packets, since, grows] = [length, performance.now(), true];
    return grows && performance.now() - since > kRestMs;
  });
}

/// Kills and restarts the server while all pages play, and ffmpeg plays `form`.
async function restart(form: string): Promise<Restart> {
  for (const tab of pages.values()) await tab.shows(kEarly);
  const viewer = new Viewer(address(form));
  await viewer.sees(kEarly);
  await rests(viewer);
  const all = await served();
  const numbers = viewer.numbers.length;
  const isNew = new Map([...pages.keys()].map((name) => [name, beginsAnew()]));
  for (const [name, tab] of pages) isNew.get(name)?.(await tab.number());

  await server.crash();
  await publisher.exited;
  publisher = publish(`${server.rtmp}/static/live`, clip);
  await server.runs("live");
  const begin = performance.now();
  const within = async (what: string, sees: () => boolean | Promise<boolean>, complaints: () => Promise<string[]>): Promise<[string, Seen]> => {
    const came = await until(what, sees).catch(() => false);
    const seconds = came ? (performance.now() - begin) / 1000 : Infinity;
    return [what, { seconds, complaints: await complaints() }];
  };
  const seen = await Promise.all([
    within(`ffmpeg with ${form}`, () => viewer.numbers.slice(numbers).some((number) => number < kEarly), async () => [viewer.program.log]),
    ...[...pages].map(([name, tab]) =>
      within(name, async () => isNew.get(name)!(await tab.number()), async () => [...tab.errors, ...(isOfHlsJs(name) ? await complaints(tab) : [])]),
    ),
  ]);
  const after = await served();
  await viewer.stop();
  return { before: all, after, seen: new Map(seen) };
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

  /// How a player saw the restarts that it was there for.
  const sightsOf = (player: string) => restarts.flatMap(({ seen }) => seen.get(player) ?? []);
  const limit = () => 2 * Math.max(...restarts.map(({ after }) => after.targetDuration));

  for (const form of kForms) {
    scenario(`is played on within two target durations: ffmpeg with ${form}`, async () => {
      const [seen] = sightsOf(`ffmpeg with ${form}`);
      assert.ok(seen && seen.seconds < limit(), JSON.stringify(seen, null, 1));
    });
  }
  for (const page of [...kForms, "the embedded player", "the embedded player in real time"]) {
    scenario(`is played on within two target durations: ${isOfHlsJs(page) ? `hls.js with ${page}` : page}`, async () => {
      const seen = sightsOf(page);
      const told = JSON.stringify(seen, null, 1);
      assert.equal(seen.length, kForms.length);
      assert.ok(seen.every(({ seconds }) => Number.isFinite(seconds)), told);
      // A browser on a busy machine stands still for a while now and then; what is the server's fault is there each time.
      assert.ok(seen.filter(({ seconds }) => seconds < limit()).length > seen.length / 2, told);
      const kOfNetwork = /^networkError: \w+Load(Error|TimeOut)|^mediaError: buffer(StalledError|NudgeOnStall|SeekOverHole)/;
      assert.deepEqual(seen.flatMap(({ complaints }) => complaints).filter((complaint) => !kOfNetwork.test(complaint)), []);
    });
  }
});

describe("a stream that a template made", () => {
  scenario("is waited for after a restart, and no other name", async () => {
    const camera = { stream: `${server.rtmp}/cameras/one`, playlist: `${server.http}/cameras/one/index.m3u8` };
    publish(camera.stream, clip);
    const before = await until("a segment", () => loadMedia(camera.playlist));
    await server.crash();
    const waiting = loadMedia(camera.playlist);
    waiting.catch(() => {}); // until its turn
    assert.equal((await server.get("/cameras/two/index.m3u8")).status, 404);
    publish(camera.stream, clip);
    const after = await waiting;
    assert.ok(after.mediaSequence > before.mediaSequence, after.text);
    assert.ok(after.discontinuitySequence > before.discontinuitySequence, after.text);
  });
});
