import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import { makeClip, publish, type Clip } from "./harness/clip";
import { assertPlayed } from "./harness/compare";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { Viewer, type Recording } from "./harness/viewer";

/// What ffmpeg publishes over RTMP, with B-frames and sound of 44.1 kHz, is what ffmpeg plays: frame for frame.

const kFlows = ["rtmp", "flv", "mpegts"] as const;
const kHls = ["index.m3u8", "index.ts.m3u8", "index.fmp4.m3u8", "index.ll.m3u8"] as const;

let server: Server;
let clip: Clip;
const viewers = new Map<string, Viewer>();
const recordings = new Map<string, Promise<Recording>>();
const address = (form: string) => (form === "rtmp" ? `${server.rtmp}/static/pub` : `${server.http}/pub/${form}`);

describe("a stream that ffmpeg publishes with B-frames and 44.1 kHz", () => {
  before(async () => {
    clip = await makeClip({ frames: 250, bFrames: 2, sampleRate: 44_100, gop: 50 });
    server = await Server.start("stream pub { input publish://; segment_duration 2; }");
    for (const form of kFlows) viewers.set(`${form} from the start`, new Viewer(address(form)));

    const publisher = publish(`${server.rtmp}/static/pub`, clip);
    await viewers.get("rtmp from the start")?.sees(60);
    for (const form of kFlows) viewers.set(`${form} later`, new Viewer(address(form)));
    for (const form of kHls) viewers.set(form, new Viewer(address(form), { input: ["-live_start_index", "0"] }));
    await publisher.done();

    for (const [name, viewer] of viewers) recordings.set(name, viewer.until(clip.options.frames - 1));
    await Promise.allSettled(recordings.values());
  });
  after(() => server.stop());

  for (const form of kFlows) {
    scenario(`is played over ${form} from its first picture by who waited for it`, async () => {
      assertPlayed(await recordings.get(`${form} from the start`)!, clip, 0);
    });
    scenario(`is played over ${form} from a keyframe by who comes later`, async () => {
      assertPlayed(await recordings.get(`${form} later`)!, clip, "keyframe");
    });
  }
  for (const form of kHls) {
    scenario(`is played by ${form} from its first picture`, async () => {
      assertPlayed(await recordings.get(form)!, clip, 0);
    });
  }
  for (const form of [...kFlows.flatMap((flow) => [`${flow} from the start`, `${flow} later`]), ...kHls]) {
    scenario(`is decoded without a complaint over ${form}`, async () => {
      await recordings.get(form);
      assert.deepEqual(viewers.get(form)?.complaints, []);
    });
  }
});
