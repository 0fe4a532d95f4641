import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, describe } from "node:test";

import type { Browser } from "playwright-core";

import { complaints, HlsJsSite, launchBrowser, Tab } from "./harness/browser";
import { makeClip, publish, type Clip } from "./harness/clip";
import { assertConsecutive, assertRising, runsOf } from "./harness/compare";
import { joinFlv } from "./harness/flv";
import { loadMedia, type Segment } from "./harness/playlist";
import { Program } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { temporaryFile } from "./harness/temporary";
import { kUndecoded, Viewer, type Recording } from "./harness/viewer";
import { until } from "./harness/wait";

/// A publisher whose pictures change their size, and whose sound its sample rate, on one connection: every form carries
/// that through, and ffmpeg decodes every frame before and after it.

const kFlows = ["rtmp", "flv", "mpegts"] as const;
/// ffmpeg reads but one init segment of a playlist ("Found duplicated MOOV Atom. Skipped it"), so it plays CMAF on one
/// side of a change. hls.js obeys EXT-X-MAP and goes across it.
const kTs = "index.ts.m3u8";
const kCmaf = ["index.fmp4.m3u8", "index.ll.m3u8"] as const;
const kPlayers = [["index.fmp4.m3u8", "hls.js"], ["index.ll.m3u8", "low latency"]] as const;
const kListed = ["index.fmp4.m3u8", "tracks-v1a1/index.ll.m3u8"] as const;
const kAdtsHeader = 7; // bytes before each frame of AAC in MPEG-TS

let server: Server;
let browser: Browser;
let site: HlsJsSite;
let clips: [Clip, Clip];
let last: number; // picture of the second clip
let sound: number[]; // sizes of the frames of sound that are published
const across = new Map<string, Viewer>();
const later = new Map<string, Viewer>();
const saved = new Map<string, { program: Program; file: string }>();
const segments = new Map<string, [Segment, Buffer][]>(); // of HLS, by form
const inits = new Map<string, Buffer>(); // by address
const tabs = new Map<string, Promise<string[]>>();

const address = (form: string) => (form === "rtmp" ? `${server.rtmp}/static/pub` : `${server.http}/pub/${form}`);
/// The newest picture of the second clip among these.
const newest = (numbers: readonly number[] = []) => runsOf(numbers).at(1)?.[1] ?? -1;

/// Keeps what a client of a flow is sent, as it comes.
function save(form: (typeof kFlows)[number]): { program: Program; file: string } {
  const file = temporaryFile(`saved.${form === "mpegts" ? "ts" : "flv"}`);
  const url = address(form);
  const dump = () => new Program("rtmpdump", ["--quiet", "--live", "--rtmp", url, "--flv", file]);
  return { program: form === "rtmp" ? dump() : new Program("curl", ["-sN", "-o", file, url]), file };
}

before(async () => {
  const first = await makeClip({ frames: 125, bFrames: 2, sampleRate: 48_000 });
  const second = await makeClip({ frames: 350, bFrames: 2, sampleRate: 44_100, width: 640, height: 360 });
  clips = [first, second];
  last = second.options.frames - 1;
  const both = { path: temporaryFile("both.flv") };
  await joinFlv(first.path, (first.options.frames / 25) * 1000, second.path, both.path);
  sound = (await new Viewer(both.path).ended()).audio.map(({ size }) => size);
  [browser, site] = [await launchBrowser(), await HlsJsSite.start()];
  server = await Server.start("stream pub { input publish://; segment_duration 2; segment_count 20; }");

  for (const form of kFlows) across.set(form, new Viewer(address(form)));
  for (const form of ["flv", "mpegts"] as const) saved.set(form, save(form));
  const publisher = publish(`${server.rtmp}/static/pub`, both);
  await across.get("rtmp")?.sees(10);
  saved.set("rtmp", save("rtmp"));
  across.set(kTs, new Viewer(address(kTs), { input: ["-live_start_index", "0"] }));
  for (const [form, how] of kPlayers) {
    const crossing = crosses(await Tab.open(browser, site.plays(address(form), how)));
    crossing.catch(() => {}); // until its own test asks
    tabs.set(how, crossing);
  }

  // Two whole segments behind the change.
  await until("the second clip", () => newest(across.get("rtmp")?.numbers) >= 150, () => !publisher.running);
  for (const form of [...kFlows, kTs, ...kCmaf]) {
    later.set(form, new Viewer(address(form), form.endsWith("m3u8") ? { input: ["-live_start_index", "-1"] } : {}));
  }
  await publisher.done();

  // It stays listed for half a minute.
  for (const form of [kTs, ...kListed]) {
    const listed = (await loadMedia(address(form))).segments;
    segments.set(form, await Promise.all(listed.map(async (one): Promise<[Segment, Buffer]> => [one, await fetchBytes(one.uri)])));
    for (const { map } of listed) if (map !== undefined && !inits.has(map)) inits.set(map, await fetchBytes(map));
  }
  // It writes its file when it ends.
  await across.get("rtmp")?.receives(first.options.frames + last);
  await saved.get("rtmp")?.program.end();
});
after(async () => {
  await browser?.close();
  site?.stop();
  await server?.stop();
});

/// hls.js lays the first decoding time of a run where the pictures before it end. That leaves a
/// hole as long as B-frames are shown later than they are decoded, which it steps over: with a seek, or with a nudge where
/// the end of the pictures before it is reached first.
const kOverTheHole = /bufferStalledError|bufferSeekOverHole|bufferNudgeOnStall/;

/// Waits until a player has gone on behind the change, and returns what it complained about until then.
async function crosses(tab: Tab): Promise<string[]> {
  const width = () => tab.page.evaluate(() => document.querySelector("video")?.videoWidth);
  const shown = async () => ((await width()) === clips[1].options.width ? await tab.number() : -1);
  await until("pictures of the second clip", async () => (await shown()) >= 100, () => false, 40_000);
  return [...(await complaints(tab)), ...tab.errors];
}

/// The sizes of the pictures that ffmpeg decodes of a file, one after the other.
async function sizesOf(file: string): Promise<string[]> {
  const show = ["-map", "0:v:0", "-vf", "showinfo=checksum=0", "-fps_mode", "passthrough", "-f", "null", "-"];
  const decoder = new Program("ffmpeg", ["-hide_banner", "-nostats", "-i", file, ...show]);
  await decoder.done();
  return [...decoder.log.matchAll(/ n: *\d+ .* s:(\d+x\d+) /g)].map(([, size = ""]) => size);
}

/// Fails unless a file that was played to its end has every frame of these clips, one clip after the other.
async function assertWhole(file: string, which: readonly Clip[], header: number, skipped = 0): Promise<void> {
  const viewer = new Viewer(file);
  const recording = await viewer.ended();
  assert.deepEqual(viewer.complaints, []);
  const runs = which.map(({ options }, i) => [i === 0 ? skipped : 0, options.frames - 1]);
  assert.deepEqual(runsOf(recording.numbers), runs);
  const sizes = which.flatMap(({ options }) => Array.from({ length: options.frames }, () => `${options.width}x${options.height}`));
  assert.deepEqual(await sizesOf(file), sizes.slice(skipped));
  assert.equal(recording.video.length, sizes.length - skipped);
  for (const track of [recording.video, recording.audio]) assertRising(track);
  const border = sound.length - clips[1].recording.audio.length;
  const sent = sound.slice(which[0] === clips[0] ? 0 : border, which.at(-1) === clips[1] ? sound.length : border);
  const heard = recording.audio.map(({ size }) => size - header);
  if (skipped === 0) assert.equal(heard.length, sent.length);
  assert.deepEqual(heard, sent.slice(sent.length - heard.length));
}

async function fetchBytes(uri: string): Promise<Buffer> {
  const response = await fetch(uri);
  assert.equal(response.status, 200, uri);
  return Buffer.from(await response.arrayBuffer());
}

describe("a change in mid-stream", () => {
  for (const form of [...kFlows, kTs]) {
    scenario(`is played over ${form} by who was there before`, async () => {
      const viewer = across.get(form)!;
      await until(`the last pictures on ${form}`, () => newest(viewer.numbers) >= last - kUndecoded, () => !viewer.program.running);
      const recording = await viewer.stop();
      const seen = runsOf(recording.numbers);
      assert.deepEqual(seen, [[0, clips[0].options.frames - 1], [0, seen[1]?.[1]]]);
      for (const track of [recording.video, recording.audio]) assertRising(track);
      assert.deepEqual(viewer.complaints, []);
    });
  }

  for (const form of [...kFlows, kTs, ...kCmaf]) {
    scenario(`is behind who comes later over ${form}: he begins with what is in force`, async () => {
      const viewer = later.get(form)!;
      const recording: Recording = await viewer.until(last);
      assertConsecutive(recording.numbers);
      const first = recording.numbers[0] ?? Number.NaN;
      assert.ok(first > 0 && first % clips[1].options.gop === 0, `begins with picture ${first}`);
      assert.deepEqual(viewer.complaints, []);
    });
  }

  for (const form of kFlows) {
    scenario(`is in what ${form} sends: every frame of both`, async () => {
      const { program, file } = saved.get(form)!;
      const pictures = async () => (await new Viewer(file).ended()).numbers;
      await until(`the whole of ${file}`, async () => newest(await pictures()) === last);
      program.kill("SIGKILL");
      const begin = (await pictures())[0] ?? Number.NaN;
      assert.ok(form === "rtmp" ? begin % clips[0].options.gop === 0 : begin === 0, `begins with picture ${begin}`);
      await assertWhole(file, clips, form === "mpegts" ? kAdtsHeader : 0, begin);
    });
  }

  scenario("is in the MPEG-TS segments of HLS: every frame of both", async () => {
    const file = temporaryFile("segments.ts");
    await writeFile(file, Buffer.concat(segments.get(kTs)!.map(([, bytes]) => bytes)));
    await assertWhole(file, clips, kAdtsHeader);
  });

  for (const form of kListed) {
    scenario(`is an init segment of its own in ${form}: every frame of both`, async () => {
      const listed = segments.get(form)!;
      const change = listed.findIndex(([{ startsDiscontinuity }]) => startsDiscontinuity);
      for (const [i, part] of [listed.slice(0, change), listed.slice(change)].entries()) {
        const maps = new Set(part.map(([{ map }]) => map));
        assert.equal(maps.size, 1);
        const file = temporaryFile("segments.mp4");
        await writeFile(file, Buffer.concat([inits.get([...maps][0]!)!, ...part.map(([, bytes]) => bytes)]));
        await assertWhole(file, [clips[i]!], 0);
      }
    });
  }

  for (const [form, how] of kPlayers) {
    scenario(`is played across in ${form} by ${how === "hls.js" ? how : `hls.js with ${how}`}`, async () => {
      const complained = (await tabs.get(how)) ?? [];
      assert.deepEqual(complained.filter((text) => !kOverTheHole.test(text)), []);
    });
  }
});
