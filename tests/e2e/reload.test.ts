import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { resolve } from "node:path";
import { after, before, describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { freePort } from "./harness/ports";
import { Program } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { temporaryFile } from "./harness/temporary";
import { until, within } from "./harness/wait";

/// Another config for a server that runs. RELOAD_SECONDS=60 lets the viewers watch longer.

const kLoad = resolve(import.meta.dirname, "../../build/release/sluice-load");
const kSeconds = Number(process.env["RELOAD_SECONDS"] ?? 10);
const kReloads = Math.round((100 * kSeconds) / 60);
const kViewers = 200;

const kKept = `stream kept { input publish://; segment_duration 2; title "Never touched"; }
template live { prefix live; input publish://; }`;

/// What one `sluice-load` saw.
interface Report {
  load_bound: boolean;
  urls: { url: string; stalls: number }[];
  total: Record<"viewers" | "parsed" | "refused" | "dropped" | "ended" | "not_started" | "lost" | "repeated" | "http_errors" | "violations", number>;
}

/// What a server says to "reload" on its control socket.
function ask(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(`${server.config}.control`, () => socket.write("reload\n"));
    socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
    socket.on("end", () => resolve(answer)).on("error", reject);
  });
}

async function streams(server: Server): Promise<string[]> {
  const { streams } = JSON.parse(await server.text("/streamer/api/v3/streams")) as { streams: { name: string }[] };
  return streams.map(({ name }) => name).sort();
}

describe("a server whose configuration changes", () => {
  let server: Server;
  before(async () => {
    server = await Server.start(kKept);
  });
  after(() => server.stop());

  scenario(`reloads ${kReloads} times in ${kSeconds} s, and ${kViewers} viewers of what stays lose nothing`, async () => {
    const report = temporaryFile("report.json");
    const load = new Program(kLoad, [
      ["run", `${server.rtmp}/static/kept`, `${server.http}/kept.flv`, `${server.http}/kept/mpegts`, `${server.http}/kept/index.m3u8`],
      ["--publish", `${server.rtmp}/static/kept`, "--bitrate", "300k", "--size", "320x180"],
      ["--viewers", `${kViewers}`, "--parse", "all", "--ramp", "2", "--warmup", "1", "--seconds", `${kSeconds}`, "--json", report],
    ].flat());
    await until("all viewers of flows", async () => ((await server.stream("kept"))?.stats.online_clients ?? 0) >= kViewers * 0.74);
    // Others come, change in place, begin anew and go, one with a publisher.
    const other = new Program(kLoad, ["publish", `${server.rtmp}/static/changing`, "--bitrate", "100k", "--seconds", "600"]);
    const began = performance.now();
    for (let i = 0; i < kReloads; ++i) {
      const lines = [kKept, `template t { title "T${i}"; }`, `stream inherits { template t; input publish://; }`];
      lines.push(`stream changing { input publish://; title "C${i}"; segment_duration ${1 + (i % 3)}; }`);
      if (i % 2 === 0) lines.push(`stream sometimes { input fake://fake width=128 height=96; static false; }`);
      lines.push(`stream s${i} { input publish://; }`);
      await server.configure(lines.join("\n"));
      const answer = await ask(server);
      assert.match(answer, new RegExp(`^ok\n(.*\n)*added stream s${i}\n`));
      assert.doesNotMatch(answer, /kept/);
      await pause(Math.max(0, began + ((i + 1) * kSeconds * 1000) / kReloads - performance.now()));
    }
    other.kill("SIGKILL");
    await within("the end of the measurement", load.exited, 60_000);
    const { total, urls, load_bound } = JSON.parse(await readFile(report, "utf8")) as Report;
    assert.equal(load_bound, false, "short of CPU: nothing is said");
    assert.equal(total.viewers, kViewers);
    assert.equal(total.parsed, kViewers);
    for (const wrong of ["lost", "repeated", "refused", "dropped", "ended", "not_started", "http_errors", "violations"] as const) {
      assert.equal(total[wrong], 0, wrong);
    }
    // Who asks for playlists now and then may come late for a segment on a busy machine; a flow has no excuse.
    for (const { url, stalls } of urls) if (!url.endsWith(".m3u8")) assert.equal(stalls, 0, url);
  });

  scenario("'sluice reload' says what is wrong, and changes nothing then", async () => {
    await server.configure(kKept);
    assert.equal((await server.reload()).code, 0);
    await server.configure(`${kKept}\nstream a { input publish://; }\nstream b { titel x; }`);
    const { code, text } = await server.reload();
    assert.equal(code, 1);
    assert.match(text, /sluice\.conf:6:12: unknown directive 'titel' in 'stream'; did you mean 'title'\?/);
    server.signal("SIGHUP");
    await until("the log", () => /sluice\.conf:6:12: unknown directive 'titel'/.test(server.log));
    assert.deepEqual(await streams(server), ["kept"]);
  });

  scenario("'sluice reload' says what it changed, when it is in force", async () => {
    const port = await freePort();
    await server.configure(`${kKept}\nstream a { input publish://; }\nhttp 127.0.0.1:${port} { api false; }`);
    const { code, text } = await server.reload();
    assert.equal(code, 0, text);
    assert.equal(text, `opened http 127.0.0.1:${port}\nadded stream a\n`);
    assert.deepEqual(await streams(server), ["a", "kept"]);
    assert.equal((await fetch(`http://127.0.0.1:${port}/streamer/api/v3/streams`)).status, 404);
    await server.configure(kKept);
    assert.equal((await server.reload()).text, `closed http 127.0.0.1:${port}\nremoved stream a\n`);
    await assert.rejects(once(connect(port, "127.0.0.1"), "connect"), "nobody listens there");
    assert.equal((await server.reload()).text, "no stream and no port is another\n");
  });

  scenario("a port that is taken makes the reload fail, and nothing changes", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.on("listening", resolve));
    const { port } = taken.address() as { port: number };
    await server.configure(`${kKept}\nstream a { input publish://; }\nrtmp 127.0.0.1:${port};`);
    const { code, text } = await server.reload();
    taken.close();
    assert.equal(code, 1);
    assert.match(text, new RegExp(`sluice\\.conf:6:1: rtmp 127\\.0\\.0\\.1:${port} cannot be opened: Address already in use`));
    assert.deepEqual(await streams(server), ["kept"]);
  });

  scenario("SIGHUP reads drop-ins too, but for what editors and packages leave", async () => {
    await server.configure(kKept);
    await mkdir(`${server.config}.d`);
    await writeFile(`${server.config}.d/tv`, "stream tv { input publish://; }");
    await writeFile(`${server.config}.d/old.dpkg-old`, "stream old { input publish://; }");
    server.signal("SIGHUP");
    await until("the stream of the drop-in", async () => (await streams(server)).includes("tv"));
    assert.deepEqual(await streams(server), ["kept", "tv"]);
  });

  scenario("its control socket is its owner's alone, and a second server does not take it", async () => {
    const socket = `${server.config}.control`;
    assert.equal((await stat(socket)).mode & 0o777, 0o600);
    const program = process.env["SLUICE"] ?? resolve(import.meta.dirname, "../../build/release/sluice");
    const second = new Program(program, ["run", "-c", server.config]);
    assert.equal((await second.exited).code, 1);
    assert.match(second.log, /another server runs with this config/);
    assert.match(await ask(server), /^ok\n/);
    await chmod(socket, 0o600);
  });
});

describe("a server that reloads a thousand times", () => {
  let server: Server;
  before(async () => {
    server = await Server.start(kKept);
  });
  after(() => server.stop());

  scenario("holds as much memory and as many descriptors after the last nine tenths as after the first", async () => {
    const publisher = new Program(kLoad, ["publish", `${server.rtmp}/static/kept`, "--bitrate", "100k", "--seconds", "600"]);
    await server.runs("kept");
    const [one, two] = [await freePort(), await freePort()];
    const configs = [0, 1].map((n) => [
      kKept,
      `http 127.0.0.1:${n === 0 ? one : two};`,
      `stream changing { input publish://; title "C${n}"; segment_count ${4 + n}; merge_window ${n * 20}; }`,
      `stream restarted { input publish://; segment_duration ${1 + n}; }`,
      `stream only${n} { input publish://; }`,
      `template t { prefix t${n}; input publish://; }`,
    ].join("\n"));
    const used: Awaited<ReturnType<Server["usage"]>>[] = [];
    for (let i = 1; i <= 1000; ++i) {
      await server.configure(configs[i % 2]!);
      assert.match(await ask(server), /^ok\n/);
      if (i === 100 || i === 1000) used.push(await settled(server));
    }
    const [early, late] = used as [(typeof used)[0], (typeof used)[0]];
    assert.equal(late.descriptors, early.descriptors);
    assert.ok(late.resident - early.resident <= 1_000_000, `${early.resident} bytes, then ${late.resident}`);
    assert.ok(publisher.running);
  });
});

/// What a server uses once the stream that is published holds all that it will hold.
async function settled(server: Server): Promise<Awaited<ReturnType<Server["usage"]>>> {
  let held = -1;
  await until("what the stream holds", async () => {
    const before = held;
    held = (await server.stream("kept"))?.stats.held_bytes ?? 0;
    await pause(2000);
    return held <= before;
  }, () => false, 60_000);
  return server.usage();
}
