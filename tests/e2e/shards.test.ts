import assert from "node:assert/strict";
import { readdir, readFile, readlink } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, describe } from "node:test";

import { Program } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { until } from "./harness/wait";

/// Connections are dealt out to the shards so that each has as much to do as the others.

const kLoad = resolve(import.meta.dirname, "../../build/release/sluice-load");

let server: Server;

/// How many sockets each of the server's event loops watches, as the kernel tells.
async function socketsByShard(): Promise<number[]> {
  const links = new Map<string, string>();
  for (const fd of await readdir(`/proc/${server.pid}/fd`)) {
    links.set(fd, await readlink(`/proc/${server.pid}/fd/${fd}`).catch(() => ""));
  }
  const counts: number[] = [];
  for (const [fd, link] of links) {
    if (link !== "anon_inode:[eventpoll]") continue;
    const watched = (await readFile(`/proc/${server.pid}/fdinfo/${fd}`, "utf8")).matchAll(/^tfd:\s*(\d+)/gm);
    counts.push([...watched].filter(([, target]) => links.get(target!)?.startsWith("socket:")).length);
  }
  return counts;
}

describe("a server with two shards", () => {
  before(async () => {
    server = await Server.start("template live { prefix live; input publish://; }", ["--shards", "2"]);
  });
  after(() => server.stop());

  scenario("has half of forty viewers of 20 Mbit/s on each", async () => {
    const published = `${server.rtmp}/live/heavy`;
    const publisher = new Program(kLoad, ["publish", published, "--bitrate", "20000k", "--seconds", "600"]);
    await server.runs("live/heavy");
    const idle = await socketsByShard();
    assert.equal(idle.length, 2);
    new Program(kLoad, ["play", `${server.http}/live/heavy.flv`, "--viewers", "40", "--ramp", "2", "--seconds", "600"]);
    await until("all viewers", async () => (await server.stream("live/heavy"))?.stats.online_clients === 40);
    const viewers = (await socketsByShard()).map((count, shard) => count - idle[shard]!);
    assert.ok(viewers[0]! + viewers[1]! >= 39, "they all came, even where a connection of the test has gone");
    assert.ok(Math.abs(viewers[0]! - 20) <= 4, `${viewers[0]} and ${viewers[1]}`);
    assert.ok(publisher.running);
  });
});
