import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, describe } from "node:test";

import { makeClip, publish, type Clip } from "./harness/clip";
import { assertTrack } from "./harness/compare";
import { loadMedia, loadPlaylists } from "./harness/playlist";
import { output } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { temporaryFile } from "./harness/temporary";
import { kIncomplete, Viewer, type Packet, type Recording } from "./harness/viewer";
import { until } from "./harness/wait";

/// MP3 beside a picture, and one track alone: each packet of the clip, at its time.

const kFrames = 150;
const kSources = {
  "picture-and-mp3": { audio: "libmp3lame", sampleRate: 44_100, without: [] },
  "mp3-alone": { audio: "libmp3lame", sampleRate: 48_000, without: ["-vn"] },
  "aac-alone": { audio: "aac", sampleRate: 44_100, without: ["-vn"] },
  "picture-alone": { audio: "aac", sampleRate: 48_000, without: ["-an"] },
} as const;
const kFlows = ["rtmp", "flv", "mpegts"] as const;
const kHls = ["index.ts.m3u8", "index.fmp4.m3u8", "index.ll.m3u8"] as const;

let server: Server;
const originals = new Map<string, Recording>(); // by source
const played = new Map<string, Promise<Recording>>(); // by source and form

/// What of a clip is published.
function part(clip: Clip, without: readonly string[]): Recording {
  const { video, audio } = clip.recording;
  return { numbers: [], video: without.includes("-vn") ? [] : video, audio: without.includes("-an") ? [] : audio };
}

/// Plays a flow from its start until all is there.
async function playFlow(url: string, all: Recording): Promise<Recording> {
  const viewer = new Viewer(url, { video: all.video.length > 0 });
  const { video, audio } = viewer.recording;
  const whole = () => video.length >= all.video.length - kIncomplete && audio.length >= all.audio.length - kIncomplete;
  await until(`all of ${url}`, whole, () => !viewer.program.running, 40_000);
  return viewer.stop();
}

/// Loads every segment of every playlist, and lets ffprobe say what is in them.
async function loadHls(url: string, seconds: number): Promise<Recording> {
  const out: Recording = { numbers: [], video: [], audio: [] };
  for (const playlist of await loadPlaylists(url)) {
    const list = await until(`all of ${playlist}`, async () => {
      const now = await loadMedia(playlist);
      return now.segments.reduce((sum, { duration }) => sum + duration, 0) > seconds - 0.1 ? now : undefined;
    });
    const uris = [list.segments[0]?.map, ...list.segments.map(({ uri }) => uri)].filter((uri) => uri !== undefined);
    const bodies = await Promise.all(uris.map(async (uri) => Buffer.from(await (await fetch(uri)).arrayBuffer())));
    const file = temporaryFile("media");
    await writeFile(file, Buffer.concat(bodies));
    out.video.push(...(await packetsOf(file, "v")));
    out.audio.push(...(await packetsOf(file, "a")));
  }
  return out;
}

async function packetsOf(file: string, track: "v" | "a"): Promise<Packet[]> {
  const entries = ["-show_entries", "packet=pts_time,dts_time,size", "-of", "json"];
  const { packets } = JSON.parse(await output("ffprobe", ["-v", "error", "-select_streams", track, ...entries, file])) as {
    packets: { pts_time: string; dts_time: string; size: string }[];
  };
  return packets.map(({ pts_time, dts_time, size }) => ({ pts: Number(pts_time), dts: Number(dts_time), size: Number(size) }));
}

async function run(name: string, { audio, sampleRate, without }: (typeof kSources)[keyof typeof kSources]): Promise<void> {
  const clip = await makeClip({ frames: kFrames, gop: 25, audio, sampleRate });
  const all = part(clip, without);
  originals.set(name, all);
  for (const form of kFlows) {
    played.set(`${name} ${form}`, playFlow(form === "rtmp" ? `${server.rtmp}/static/${name}` : `${server.http}/${name}/${form}`, all));
  }
  // So that they get the first packet: where there is no picture, a viewer begins with the newest sound.
  await until(`the viewers of ${name}`, async () => (await server.stream(name))?.stats.online_clients === kFlows.length);
  await publish(`${server.rtmp}/static/${name}`, clip, { output: without }).done();
  for (const form of kHls) played.set(`${name} ${form}`, loadHls(`${server.http}/${name}/${form}`, kFrames / 25));
  await Promise.allSettled([...played.values()]);
}

describe("tracks", () => {
  before(async () => {
    server = await Server.start(Object.keys(kSources).map((name) => `stream ${name} { input publish://; segment_duration 2; }`).join("\n"));
    await Promise.all(Object.entries(kSources).map(([name, source]) => run(name, source)));
  });
  after(() => server.stop());

  for (const name of Object.keys(kSources)) {
    for (const form of [...kFlows, ...kHls]) {
      scenario(`${name} over ${form}: every packet, at its time`, async () => {
        const got = (await played.get(`${name} ${form}`)) as Recording;
        const all = originals.get(name) as Recording;
        const video = assertTrack("picture", got.video, all.video);
        const audio = assertTrack("sound", got.audio, all.audio);
        if (video !== undefined && audio !== undefined) assert.ok(Math.abs(video - audio) < 0.003, `sound is ${audio - video} s off`);
      });
    }
  }
});
