import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";

import { makeClip, publish } from "./harness/clip";
import { get } from "./harness/raw_http";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { temporaryFile } from "./harness/temporary";
import { Viewer } from "./harness/viewer";
import { until } from "./harness/wait";

/// What an operator reads: the log and the access log, both as JSON.

type Line = Record<string, string | number | boolean>;

let server: Server;
const access = temporaryFile("access.log");

const parsed = (text: string): Line[] =>
  text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
const logged = (): Line[] => parsed(server.log);
const requests = async (): Promise<Line[]> => (existsSync(access) ? parsed(await readFile(access, "utf8")) : []);

/// Waits for the line of the access log that `matches`.
async function requested(matches: (line: Line) => boolean): Promise<Line> {
  let found: Line | undefined;
  await until("a line of the access log", async () => (found = (await requests()).find(matches)) !== undefined);
  return found!;
}

before(async () => {
  server = await Server.start(`
    log_format json; log_requests true; access_log "${access}";
    stream demo { input fake://fake?width=320&height=180; }
    template live { prefix live; input publish://; }`);
  await until("frames", async () => (await server.stream("demo"))?.stats.alive === true);
});
after(() => server.stop());

scenario("every line is an object with its time in UTC, a level and a message", async () => {
  await until("a source", () => logged().some((line) => line["message"] === "source connected"));
  for (const line of logged()) {
    assert.match(String(line["time"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(String(line["level"]), /^(debug|info|notice|warning|error)$/);
    assert.ok(String(line["message"]).length > 0);
  }
  const started = logged().find((line) => line["message"] === "started");
  assert.match(String(started?.["version"]), /^\d+\.\d+\.\d+/);
});

scenario("a request is a line when it has been answered", async () => {
  const answer = await get(server.httpPort, "/streamer/api/v3/monitoring/liveness?probe=1");
  assert.equal(answer.status, 200);
  const line = await requested((one) => String(one["path"]).includes("probe=1"));
  assert.equal(line["method"], "GET");
  assert.equal(line["status"], 200);
  assert.equal(line["peer"], "127.0.0.1");
  assert.equal(line["bytes"], answer.body.length);
  assert.ok(Number(line["duration_ms"]) < 10_000);
});

scenario("a refused one as well, and a token stays a secret", async () => {
  await get(server.httpPort, "/nosuch/index.m3u8?token=hunter2");
  const line = await requested((one) => String(one["path"]).startsWith("/nosuch/"));
  assert.equal(line["path"], "/nosuch/index.m3u8?token=***");
  assert.equal(line["status"], 404);
  assert.doesNotMatch(await readFile(access, "utf8"), /hunter2/);
});

scenario("a viewer of an endless stream is a line when he has left, with what he got", async () => {
  const stop = new AbortController();
  const response = await fetch(`${server.http}/demo/mpegts?who=me`, { signal: stop.signal });
  const reader = response.body!.getReader();
  let got = 0;
  while (got < 20_000) got += (await reader.read()).value?.length ?? 0;
  assert.ok(!(await requests()).some((one) => String(one["path"]).includes("who=me")), "he has not left yet");
  stop.abort();
  const line = await requested((one) => String(one["path"]).includes("who=me"));
  assert.equal(line["proto"], "tshttp");
  assert.ok(Number(line["bytes"]) >= 20_000, `${line["bytes"]} bytes`);
  assert.match(String(line["session"]), /^[0-9a-f-]{36}$/);
});

scenario("who asks only for the head of an endless stream is a line as well", async () => {
  assert.equal((await fetch(`${server.http}/demo/mpegts?who=head`, { method: "HEAD" })).status, 200);
  const line = await requested((one) => String(one["path"]).includes("who=head"));
  assert.deepEqual([line["method"], line["status"], line["bytes"], line["proto"]], ["HEAD", 200, 0, "tshttp"]);
});

scenario("a fault that repeats is a line a second that says how often", async () => {
  const refused = (): Line[] => logged().filter((line) => line["message"] === "RTMP connection ended");
  const begin = Date.now();
  let sent = 0;
  await until("a line that speaks for others", async () => {
    // Something else than RTMP.
    await Promise.all(Array.from({ length: 20 }, () => get(server.rtmpPort, "/").catch(() => undefined)));
    sent += 20;
    return refused().some((line) => Number(line["repeated"]) > 0);
  });
  const most = Math.ceil((Date.now() - begin) / 1000) + 1;
  assert.ok(refused().length <= most, `${refused().length} lines of ${sent} in ${Date.now() - begin} ms`);
  assert.equal(refused()[0]?.["level"], "notice");
  assert.equal(refused()[0]?.["peer"], "127.0.0.1");
});

scenario("the server ends with a publisher and viewers connected, each with a line of what he got", async () => {
  const publisher = publish(`${server.rtmp}/live/me`, await makeClip({ frames: 500 }));
  await until("what is published", async () => (await server.stream("live/me"))?.stats.alive === true, () => !publisher.running);
  const viewers = [`${server.rtmp}/live/me`, `${server.http}/live/me/mpegts`, `${server.http}/live/me/flv`].map((url) => new Viewer(url));
  for (const viewer of viewers) await viewer.sees(1);
  await server.stop(); // fails unless its status is 0
  for (const method of ["PUBLISH", "PLAY"]) assert.equal((await requested((one) => one["method"] === method))["path"], "/live/me");
  for (const form of ["mpegts", "flv"]) {
    assert.ok(Number((await requested((one) => one["path"] === `/live/me/${form}`))["bytes"]) > 0, form);
  }
  for (const program of [publisher, ...viewers.map((viewer) => viewer.program)]) program.kill("SIGKILL");
});
