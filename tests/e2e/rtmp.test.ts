import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe } from "node:test";

import { makeClip, publish, type Clip } from "./harness/clip";
import { assertConsecutive, assertPlayed, assertRising, runsOf } from "./harness/compare";
import { Program } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { temporaryFile } from "./harness/temporary";
import { kUndecoded, numbersOf, Viewer } from "./harness/viewer";
import { until, within } from "./harness/wait";

/// RTMP as the clients of others speak it: names, passwords, publishers that come and go.

let server: Server;
let clip: Clip;
let last: number; // picture of the clip
let long: Clip;

before(async () => {
  clip = await makeClip({ frames: 60, gop: 10 });
  last = clip.options.frames - 1;
  long = await makeClip({ frames: 400, gop: 10 });
  server = await Server.start(`
    stream pub { input publish://; }
    stream alone { input publish://; }
    stream locked { input publish://; password secret; }
    stream early/soup { input publish://; }
    stream closed { input publish://; password secret; }
    stream many/parts.of-name { input publish://; }
    template live { prefix live; input publish://; }
    template guarded { prefix guarded; input publish://; password secret; }`);
});
after(() => server.stop());

/// What is published to one address is played from another.
async function passes(publishTo: string, playFrom: string): Promise<void> {
  const publisher = publish(server.rtmp + publishTo, long);
  const stream = playFrom.replace(/^\/(static\/)?/, "");
  await server.runs(stream);
  const viewer = new Viewer(server.rtmp + playFrom);
  await until("a second of pictures", () => viewer.numbers.length >= 25, () => !viewer.program.running);
  await publisher.end();
  assert.equal((viewer.numbers[0] ?? Number.NaN) % long.options.gop, 0);
  assertConsecutive(viewer.numbers);
  assert.deepEqual(viewer.complaints, []);
  await server.waits(stream);
}

describe("names of streams over RTMP", { concurrency: 4 }, () => {
  scenario("the application static stands for nothing", () => passes("/static/pub", "/static/pub"));
  scenario("an application alone is a name", () => passes("/alone", "/static/alone"));
  scenario("a name may have several parts", () => passes("/many/parts.of-name", "/static/many/parts.of-name"));
  scenario("a template makes streams below its prefix, by application and key", () => passes("/live/one", "/live/one"));
  scenario("and below static", () => passes("/static/live/two/deep", "/live/two/deep"));

  for (const name of ["/static/nobody", "/other/one", "/live/../pub", "/live/a%2fb", "/live/%2e%2e/pub", `/live/${"x".repeat(300)}`]) {
    scenario(`nobody may publish to ${name.slice(0, 40)}`, async () => {
      await isRefused(publish(server.rtmp + name, clip));
    });
  }
  scenario("a name that is not configured is not played", async () => {
    await isRefused(new Viewer(`${server.rtmp}/static/nobody`).program);
  });
});

/// The client ends by itself, long before it could have sent or played a stream, and says that it failed.
async function isRefused(client: Program): Promise<void> {
  const { code } = await within(`a refusal of ${client.label}`, client.exited);
  assert.notEqual(code, 0);
}

describe("the password of a publisher", { concurrency: 4 }, () => {
  scenario("opens the stream", () => passes("/static/locked?password=secret", "/static/locked"));
  scenario("opens a stream of a template", () => passes("/guarded/one?password=secret", "/guarded/one"));
  for (const query of ["", "?password=", "?password=wrong", "?password=secret2", "?passwort=secret"]) {
    scenario(`does not open it as '${query}'`, async () => {
      await isRefused(publish(`${server.rtmp}/static/closed${query}`, clip));
      await isRefused(publish(`${server.rtmp}/guarded/two${query}`, clip));
      assert.notEqual((await server.stream("closed"))?.stats.status, "running");
      assert.equal(await server.stream("guarded/two"), undefined);
    });
  }
});

describe("clients of others", () => {
  scenario("GStreamer publishes; rtmpdump and GStreamer play", async () => {
    const url = `${server.rtmp}/live/gstreamer`;
    const [dumped, played] = [temporaryFile("rtmpdump.flv"), temporaryFile("gstreamer.flv")];
    const whole = await makeClip({ frames: 125, gop: 25 });
    const pipeline = `filesrc location=${whole.path} ! flvdemux name=in  in.video ! queue ! h264parse ! flvmux name=out streamable=true
      ! rtmp2sink location=${url}  in.audio ! queue ! aacparse ! out.`;
    const publisher = new Program("gst-launch-1.0", ["-q", ...pipeline.split(/\s+/)]);
    await server.runs("live/gstreamer");

    const rtmpdump = new Program("rtmpdump", ["--quiet", "--live", "--rtmp", url, "--flv", dumped]);
    const player = new Program("gst-launch-1.0", ["-q", "-e", "rtmp2src", `location=${url}`, "!", "filesink", `location=${played}`]);
    const viewer = new Viewer(url);
    await until("three viewers", async () => (await server.stream("live/gstreamer"))?.stats.online_clients === 3);
    await publisher.done();
    assertPlayed(await viewer.until(124), whole, "keyframe");
    await server.waits("live/gstreamer");
    for (const program of [rtmpdump, player]) await program.end();
    for (const file of [dumped, played]) {
      const copy = new Viewer(file);
      assertPlayed(await copy.ended(), whole, "keyframe");
      assert.deepEqual(copy.complaints, []);
    }
  });

  scenario("GStreamer plays HTTP-TS", async () => {
    const shown = temporaryFile("numbers.gray");
    const pipeline = `souphttpsrc location=${server.http}/early/soup/mpegts ! tsdemux ! h264parse ! avdec_h264 ! videoconvert
      ! video/x-raw,format=GRAY8 ! videocrop top=176 bottom=2 ! videoscale method=0
      ! video/x-raw,width=32,height=1 ! filesink buffer-mode=2 location=${shown}`;
    const player = new Program("gst-launch-1.0", ["-q", "-e", ...pipeline.split(/\s+/)]);
    await until("a viewer", async () => (await server.stream("early/soup"))?.stats.online_clients === 1);
    await publish(`${server.rtmp}/early/soup`, clip).done();
    const numbers = async () => numbersOf(await readFile(shown));
    await until("its last pictures", async () => (await numbers()).length > last - kUndecoded);
    await player.end();
    assertConsecutive(await numbers());
    assert.equal((await numbers())[0], 0);
  });
});

describe("a publisher that comes again", () => {
  const forms = ["rtmp", "flv", "mpegts", "index.ts.m3u8", "index.ll.m3u8"] as const;

  /// Interrupts a publisher in its second GOP or later, lets another begin, and checks what viewers of all forms saw.
  async function interrupted(interrupt: (first: Program) => Promise<void>, name: string): Promise<void> {
    const address = (form: string) => (form === "rtmp" ? `${server.rtmp}/live/${name}` : `${server.http}/live/${name}/${form}`);
    const first = publish(`${server.rtmp}/live/${name}`, long);
    await server.runs(`live/${name}`);
    const viewers = forms.map((form) => new Viewer(address(form), form.endsWith("m3u8") ? { input: ["-live_start_index", "0"] } : {}));
    await viewers[0]?.sees(30);
    await interrupt(first);
    await publish(`${server.rtmp}/live/${name}`, clip).done();

    for (const [i, viewer] of viewers.entries()) {
      await until(`the second run on ${forms[i]}`, () => {
        const [, run] = runsOf(viewer.numbers);
        return run && run[1] >= last - kUndecoded;
      }, () => !viewer.program.running);
      const recording = await viewer.stop();
      const [before, after, ...more] = runsOf(recording.numbers);
      const seen = `${forms[i]}: ${JSON.stringify(runsOf(recording.numbers))}`;
      assert.deepEqual(more, [], seen);
      assert.ok((before?.[1] ?? 0) >= 30 - kUndecoded, seen);
      assert.ok(after?.[0] === 0 && after[1] >= last - kUndecoded, seen);
      for (const track of [recording.video, recording.audio]) assertRising(track);
      assert.deepEqual(viewer.complaints, [], forms[i]);
    }
  }

  scenario("after its connection broke goes on for all viewers", () => interrupted(async (first) => void (await first.end("SIGKILL")), "broken"));
  scenario("while its old connection hangs takes over, and the old one is closed", async () => {
    let hanging: Program | undefined;
    await interrupted(async (first) => {
      hanging = first;
      first.kill("SIGSTOP");
    }, "hanging");
    hanging?.kill("SIGCONT");
    assert.notEqual((await within("the end of the old publisher", hanging!.exited)).code, 0);
  });
});
