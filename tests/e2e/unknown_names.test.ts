import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe } from "node:test";

import { publish, makeClip, type Clip } from "./harness/clip";
import { askRtmp } from "./harness/raw_rtmp";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { until, within } from "./harness/wait";

/// Names that do not exist, or are none: whoever asks for them leaves nothing behind in the server.

const kForms = ["index.m3u8", "index.ll.m3u8", "tracks-v1a1/mono.ts.m3u8", "mpegts", "media_info.json"];
const kMiB = 1 << 20;

let server: Server;
let clip: Clip;

before(async () => {
  clip = await makeClip({ frames: 200, gop: 10 });
  server = await Server.start(`
    stream known { input publish://; }
    template live { prefix live; input publish://; }`);
});
after(() => server.stop());

/// Requests on one connection, sent without waiting for answers; how many were 404.
async function poll(paths: readonly string[]): Promise<number> {
  const socket = connect(server.httpPort, "127.0.0.1");
  let text = "";
  let missing = 0;
  const ended = new Promise<void>((resolve) => {
    socket.setEncoding("latin1").on("data", (piece: string) => {
      const lines = (text + piece).split("HTTP/1.1 404 ");
      missing += lines.length - 1;
      text = (lines.at(-1) ?? "").slice(-20); // where the next one may have begun
    });
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
  });
  const last = paths.length - 1;
  socket.write(paths.map((path, i) => `GET ${path} HTTP/1.1\r\nHost: h\r\n${i === last ? "Connection: close\r\n" : ""}\r\n`).join(""));
  await within("the answers", ended);
  socket.destroy();
  return missing;
}

/// Polls the names from number `from` to `to`, each once: most by connections that are kept, every tenth by one of its own.
async function pollAll(from: number, to: number): Promise<void> {
  const path = (n: number): string => {
    const name = n % 2 === 0 ? `nobody-${n}` : `live/nobody-${n}`;
    return n % 6 === 5 ? `/${name}.flv` : `/${name}/${kForms[n % 6]}`;
  };
  const batches: string[][] = [];
  for (let n = from; n < to;) {
    const kept = Array.from({ length: 180 }, (_, i) => path(n + i));
    batches.push(kept, ...Array.from({ length: 20 }, (_, i) => [path(n + 180 + i)]));
    n += 200;
  }
  const worker = async (): Promise<void> => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) assert.equal(await poll(batch), batch.length);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

interface Usage {
  resident: number;
  descriptors: number;
}

/// What the server uses once it has no more descriptors open than `before`.
function usageAtRest(before: Usage): Promise<Usage> {
  return until("the end of all connections", async () => {
    const now = await server.usage();
    return now.descriptors <= before.descriptors ? now : undefined;
  });
}

/// Asks for the first tenth of `count` names, then for the rest: by then the server has grown all it ever will.
async function growsNothing(count: number, askFor: (from: number, to: number) => Promise<void>): Promise<void> {
  const before = await server.usage();
  await askFor(0, count / 10);
  const early = await usageAtRest(before);
  await askFor(count / 10, count);
  const late = await usageAtRest(early);
  assert.ok(late.resident - early.resident < kMiB, `${late.resident - early.resident} bytes more`);
}

describe("names that do not exist", () => {
  scenario("polling 100,000 of them over HTTP grows nothing", () => growsNothing(100_000, pollAll));

  scenario("neither does asking for 2,000 of them over RTMP", () =>
    growsNothing(2_000, async (from, to) => {
      let next = from;
      const worker = async (): Promise<void> => {
        for (let n = next++; n < to; n = next++) {
          const status = await askRtmp(server.rtmpPort, n % 2 === 0 ? "static" : "live", "play", `nobody-${n}`);
          assert.equal(status, "NetStream.Play.StreamNotFound");
        }
      };
      await Promise.all(Array.from({ length: 16 }, worker));
    }));

  scenario("none of them is a stream afterwards", async () => {
    assert.equal(await server.stream("nobody-0"), undefined);
    assert.deepEqual(JSON.parse(await server.text("/streamer/api/v3/streams")).streams.length, 1);
  });
});

describe("names that are none, over RTMP", () => {
  const names = [
    ["parents", "live", "../known"],
    ["parents inside", "live", "x/../../known"],
    ["parents at the end", "live", "x/.."],
    ["parents as the application", "..", "known"],
    ["an application with parents", "live/../known", "x"],
    ["a point", "live", "./x"],
    ["an encoded slash", "live", "a%2fb"],
    ["encoded parents", "live", "%2e%2e/known"],
    ["a NUL at the end", "static", "known\0"],
    ["a NUL in the middle", "live", "a\0b"],
    ["a NUL in the application", "li\0ve", "x"],
    ["a line break", "live", "x\r\n2026-01-01 error all is lost"],
    ["a backslash", "live", "..\\known"],
    ["an empty part", "live", "a//b"],
    ["256 bytes below a prefix", "live", "x".repeat(251)],
    ["60,000 bytes", "live", "x".repeat(60_000)],
    ["bytes that are no text", "live", "\xff\xfe"],
  ] as const;
  for (const [what, app, key] of names) {
    scenario(`${what}: neither played nor published`, async () => {
      assert.match(await askRtmp(server.rtmpPort, app, "play", key), /^(NetStream\.Play\.StreamNotFound|NetConnection\..*|closed)$/);
      assert.match(await askRtmp(server.rtmpPort, app, "publish", key), /^(NetStream\.Publish\.BadName|NetConnection\..*|closed)$/);
    });
  }

  scenario("the log stays one line for each", async () => {
    for (const line of server.log.trimEnd().split("\n")) assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z (info|notice|warning) /);
  });

  scenario("and a name that is one is published and played by the same bytes", async () => {
    assert.equal(await askRtmp(server.rtmpPort, "live", "publish", "x.y-z_1"), "NetStream.Publish.Start");
    const publisher = publish(`${server.rtmp}/static/known`, clip);
    await server.runs("known");
    assert.match(await askRtmp(server.rtmpPort, "static", "play", "known"), /^NetStream\.Play\.(Reset|Start)$/);
    await publisher.end();
  });
});
