import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before } from "node:test";

import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { until } from "./harness/wait";

/// What Prometheus scrapes, as its own strict parser (Debian's python3-prometheus-client) reads it.

const kApi = "/streamer/api/v3";
/// What Prometheus sends.
const kAccept = "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}
interface Family {
  name: string;
  type: string;
  documentation: string;
  samples: Sample[];
}

const kParser = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
print(json.dumps([{"name": f.name, "type": f.type, "documentation": f.documentation,
  "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in f.samples]} for f in parse(sys.stdin.read())]))`;

let server: Server;

async function scrape(path: string, accept = kAccept): Promise<Family[]> {
  const response = await server.get(path, { headers: { Accept: accept } });
  assert.equal(response.status, 200, path);
  assert.match(response.headers.get("content-type") ?? "", /^application\/openmetrics-text; version=1\.0\.0/);
  const text = await response.text();
  assert.ok(text.endsWith("# EOF\n"));
  return JSON.parse(execFileSync("/usr/bin/python3", ["-c", kParser], { input: text, encoding: "utf8" })) as Family[];
}
function value(families: Family[], sample: string, labels: Record<string, string> = {}): number {
  const found = families
    .flatMap((family) => family.samples)
    .find((one) => one.name === sample && Object.entries(labels).every(([key, text]) => one.labels[key] === text));
  assert.ok(found, `${sample} ${JSON.stringify(labels)}`);
  return found.value;
}

before(async () => {
  server = await Server.start(`
    stream demo { input fake://fake?width=320&height=180; title "A \\"quoted\\" one"; }
    stream quiet { input publish://; }`, ["--shards", "2"]);
  await until("a bit rate", async () => value(await scrape("/metrics"), "stream_bitrate", { name: "demo" }) > 0);
});
after(() => server.stop());

scenario("the parser takes it wherever it is asked for", async () => {
  for (const path of ["/metrics", `${kApi}/metrics`, `${kApi}/streams`, `/flussonic/api/v3/streams`, `${kApi}/config/stats`]) {
    assert.ok((await scrape(path)).length > 0, path);
  }
  assert.ok((await scrape(`${kApi}/streams?format=openmetrics`, "*/*")).length > 0);
});

scenario("who does not ask for it gets JSON", async () => {
  const response = await server.get(`${kApi}/streams`, { headers: { Accept: "application/json" } });
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
});

scenario("every stream has its measurements, under the names that dashboards know", async () => {
  const families = await scrape(`${kApi}/streams`);
  for (const name of ["stream_bitrate", "stream_out_bandwidth", "stream_online_clients", "stream_client_count",
    "stream_bytes_in", "stream_bytes_out", "stream_retry_count"]) {
    const family = families.find((one) => one.name === name);
    assert.deepEqual(family?.samples.map((one) => one.labels["name"]).sort(), ["demo", "quiet"], name);
    assert.ok(family.documentation.length > 0, name);
  }
  assert.equal(value(families, "stream_alive", { name: "demo" }), 1);
  assert.equal(value(families, "stream_alive", { name: "quiet" }), 0);
  assert.ok(value(families, "stream_bytes_in", { name: "demo" }) > 1000);
});

scenario("what is scraped is what the API shows", async () => {
  const families = await scrape("/metrics");
  const stream = await server.stream("demo");
  assert.ok(stream!.stats.bytes_in >= value(families, "stream_bytes_in", { name: "demo" }));
  assert.ok(stream!.stats.frames_in >= value(families, "stream_frames_in_total", { name: "demo" }));
});

scenario("counters go up", async () => {
  const first = value(await scrape("/metrics"), "stream_frames_in_total", { name: "demo" });
  await until("more frames", async () => value(await scrape("/metrics"), "stream_frames_in_total", { name: "demo" }) > first);
});

scenario("the server and each of its shards are measured", async () => {
  const families = await scrape(`${kApi}/config/stats`);
  assert.equal(value(families, "server_online_streams"), 1);
  assert.equal(value(families, "server_total_clients"), 0);
  for (const shard of ["0", "1"]) {
    const load = value(families, "shard_load", { shard });
    assert.ok(load >= 0 && load <= 1, `load ${load}`);
    assert.ok(value(families, "shard_longest_pause_seconds", { shard }) < 1);
  }
});
