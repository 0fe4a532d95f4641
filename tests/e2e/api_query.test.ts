import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { after, before, describe } from "node:test";

import { makeClip, publish } from "./harness/clip";
import { ask } from "./harness/raw_http";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { until } from "./harness/wait";

/// The API: lists and what can be asked of them, sessions, and who may do what.

const kApi = "/streamer/api/v3";

type Json = Record<string, unknown>;
interface Page {
  streams: { name: string; title?: string; stats: Json }[];
  sessions: { id: string; name: string; proto: string; type: string; ip: string; bytes: number; token?: string }[];
  estimated_count: number;
  next?: string;
  prev?: string;
  timing: Record<string, number>;
}

const json = async <T>(response: Response, status = 200): Promise<T> => {
  const text = await response.text();
  assert.equal(response.status, status, text);
  return JSON.parse(text) as T;
};
const basic = (login: string, password: string) => ({ headers: { authorization: `Basic ${btoa(`${login}:${password}`)}` } });

describe("a list", () => {
  let server: Server;
  const kNames = Array.from({ length: 30 }, (_, i) => `group${i % 3}/s${String(i).padStart(2, "0")}`);
  before(async () => {
    server = await Server.start(kNames.map((name, i) => `stream ${name} { input publish://; ${i % 2 === 0 ? `title "Number ${i}";` : ""} }`).join("\n"), ["--shards", "2"]);
  });
  after(() => server.stop());
  const list = async (query: string) => json<Page>(await server.get(`${kApi}/streams?${query}`));
  const names = (page: Page) => page.streams.map(({ name }) => name);

  scenario("is walked forth and back, each item once", async () => {
    const query = "sort=-title,name&limit=7";
    const forth: string[][] = [];
    let cursor: string | undefined = "";
    let last: Page | undefined;
    while (cursor !== undefined) {
      last = await list(`${query}&cursor=${cursor}`);
      assert.equal(last.estimated_count, 30);
      forth.push(names(last));
      cursor = last.next;
    }
    assert.deepEqual(forth.map((page) => page.length), [7, 7, 7, 7, 2]);
    assert.deepEqual(new Set(forth.flat()), new Set(kNames));
    const back: string[][] = [];
    for (cursor = last?.prev; cursor !== undefined; cursor = last?.prev) {
      last = await list(`${query}&cursor=${cursor}`);
      back.unshift(names(last));
    }
    assert.deepEqual(back, forth.slice(0, -1));
  });

  scenario("is filtered, searched and cut to fields, under both bases", async () => {
    assert.deepEqual(names(await list("name=group0/s00,group1/s01,none")), ["group0/s00", "group1/s01"]);
    assert.equal((await list("name_like=group2&title_is=null")).estimated_count, 5);
    assert.equal((await list("stats.alive=true")).estimated_count, 0);
    assert.equal((await list("stats.bytes_in_lte=0&static")).estimated_count, 30);
    assert.deepEqual(names(await list("q=NUMBER+28")), ["group1/s28"]);
    const page = await json<Page>(await server.get(`/flussonic/api/v3/streams?select=stats.status&limit=1`));
    assert.deepEqual(page.streams, [{ name: "group0/s00", stats: { status: "waiting" } }]);
    for (const step of ["load", "filter", "sort", "limit", "select"]) assert.ok(page.timing[step]! >= 0, step);
  });

  scenario("says what is wrong with a question", async () => {
    for (const [query, error] of [["limit=x", "broken_limit"], ["colour=red", "unknown_field"], ["stats.bitrate_gt=much", "wrong_type"], ["cursor=%00", "broken_cursor"], ["sort=stats.media_info", "no_order"]]) {
      const answer = await json<Json>(await server.get(`${kApi}/streams?${query}`), 400);
      assert.equal(answer["error"], error, query);
      assert.equal(answer["while"], "parsing_query");
    }
  });

  scenario("is compressed for who takes that", async () => {
    const answer = await ask(server.httpPort, `GET ${kApi}/streams HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`);
    assert.equal(answer.headers.get("content-encoding"), "gzip");
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    const { gunzipSync } = await import("node:zlib");
    assert.equal((JSON.parse(gunzipSync(answer.body).toString()) as Page).streams.length, 30);
  });

  scenario("and what is none: 404, 405, and the preflight of a browser", async () => {
    assert.deepEqual(await json(await server.get(`${kApi}/nothing`), 404), { error: "not_found" });
    const wrong = await server.get(`${kApi}/sessions`, { method: "POST" });
    assert.equal(wrong.status, 405);
    assert.match(wrong.headers.get("allow") ?? "", /GET/);
    const preflight = await server.get(`${kApi}/streams`, { method: "OPTIONS" });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /PUT.*POST.*DELETE/);
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /authorization/i);
  });

  scenario("of what everybody may know is open", async () => {
    const page = await json<Page>(await server.get("/-/streams?limit=2"));
    assert.deepEqual(page.streams[0], { name: "group0/s00", title: "Number 0", stats: { status: "waiting", alive: false } });
    assert.ok(page.next);
  });

  scenario("the server's own numbers are numbers", async () => {
    const stats = await json<Json>(await server.get(`${kApi}/config/stats`));
    for (const name of ["now", "started_at", "uptime", "cpu_usage", "memory_usage", "memory_bytes", "scheduler_load", "total_clients", "total_streams", "online_streams", "input_kbit", "output_kbit"]) {
      assert.ok(Number.isInteger(stats[name]), `${name}: ${String(stats[name])}`);
    }
    assert.equal(stats["total_streams"], 30);
    assert.ok((stats["memory_bytes"] as number) > 1_000_000);
    assert.deepEqual(stats["transcoder_devices"], []);
  });
});

describe("sessions", () => {
  let server: Server;
  before(async () => {
    server = await Server.start(`
      stream demo { input fake://fake?width=320&height=180; segment_duration 2; }
      stream pub { input publish://; }`, ["--shards", "2"]);
    await server.runs("demo");
  });
  after(() => server.stop());
  const sessions = async (query = "") => (await json<Page>(await server.get(`${kApi}/sessions?${query}`))).sessions;
  const one = (query: string) => until(`the session ${query}`, async () => (await sessions(query))[0]);
  const close = async (id: string) => assert.equal((await server.get(`${kApi}/sessions/${id}`, { method: "DELETE" })).status, 204);

  for (const form of ["mpegts", "flv"]) {
    scenario(`a viewer of ${form} is listed and closed`, async () => {
      const viewer = await server.get(`/demo/${form}?token=t-${form}`);
      const reader = viewer.body!.getReader();
      const session = await one(`token=t-${form}&bytes_gt=0`);
      assert.equal(session.name, "demo");
      assert.equal(session.type, "play");
      assert.equal(session.ip, "127.0.0.1");
      assert.match(session.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.equal((await json<{ id: string }>(await server.get(`${kApi}/sessions/${session.id}`))).id, session.id);
      await close(session.id);
      await reader.read().then(async function drain({ done }): Promise<void> {
        if (!done) await reader.read().then(drain);
      }).catch(() => {});
      await until("the end of the session", async () => (await sessions(`id=${session.id}`)).length === 0);
      assert.equal((await server.get(`${kApi}/sessions/${session.id}`)).status, 404);
    });
  }

  scenario("a viewer of HLS is one session over all connections, and is refused once it is closed", async () => {
    const playlist = (token: string) => server.get(`/demo/index.m3u8?token=${token}`);
    await until("a playlist", async () => (await playlist("h")).ok);
    await Promise.all(Array.from({ length: 8 }, () => playlist("h").then((answer) => answer.text())));
    const all = await sessions("proto=hls&token=h");
    assert.equal(all.length, 1);
    assert.ok(all[0]!.bytes > 0);
    await close(all[0]!.id);
    for (let i = 0; i < 8; ++i) assert.equal((await playlist("h")).status, 403);
    assert.equal((await playlist("other")).status, 200);
    assert.deepEqual(await sessions("token=h"), []);
  });

  scenario("a publisher is listed and closed", async () => {
    const clip = await makeClip({ frames: 500 });
    const program = publish(`${server.rtmp}/static/pub`, clip);
    const session = await one("type=publish&name=pub");
    assert.equal(session.proto, "rtmp");
    await server.runs("pub");
    await close(session.id);
    await program.exited;
    await server.waits("pub");
  });

  scenario("hundreds that come and go leave none, and no descriptor", async () => {
    const come = async (form: string) => {
      const viewer = await server.get(`/demo/${form}?token=churn`);
      const reader = viewer.body!.getReader();
      await reader.read();
      await reader.cancel();
    };
    const rest = () => until("the end of all sessions", async () => (await sessions("token=churn")).length === 0);
    const round = async () => {
      for (let i = 0; i < 10; ++i) await Promise.all(Array.from({ length: 20 }, (_, n) => come(n % 2 === 0 ? "mpegts" : "flv")));
      await rest();
    };
    await round();
    const { descriptors } = await server.usage();
    await round();
    await until("the descriptors as before", async () => (await server.usage()).descriptors <= descriptors);
  });

  scenario("who is not there cannot be closed", async () => {
    assert.equal((await server.get(`${kApi}/sessions/00000000-0000-4000-8000-000000000000`, { method: "DELETE" })).status, 404);
  });
});

describe("who may use the API", () => {
  const kProgram = process.env["SLUICE"] ?? resolve(import.meta.dirname, "../../build/release/sluice");

  scenario("out of the box: who asks from this machine for himself, and nobody else", async () => {
    const server = await Server.start("stream quiet { input publish://; }");
    const status = async (fields: string) => (await ask(server.httpPort, `GET ${kApi}/streams HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`)).status;
    assert.equal(await status("Host: localhost\r\n"), 200);
    assert.equal(await status(`Host: 127.0.0.1:${server.httpPort}\r\n`), 200);
    assert.equal(await status("Host: evil.example\r\n"), 403);
    assert.equal(await status("Host: localhost\r\nOrigin: https://evil.example\r\n"), 403);
    assert.equal(await status("Host: localhost\r\nX-Forwarded-For: 203.0.113.9\r\n"), 403);
    assert.equal(await status("Host: localhost\r\nVia: 1.1 proxy\r\n"), 403);
    assert.equal((await server.get("/-/streams")).status, 200);
    assert.equal((await server.get(`${kApi}/monitoring/liveness`)).status, 200);
    await server.stop();
  });

  scenario("with a login, plain or hashed, by Basic and Bearer", async () => {
    const hash = spawnSync(kProgram, ["hash-password"], { input: "s3cret\n" }).stdout.toString().trim();
    assert.match(hash, /^\$argon2id\$/);
    const server = await Server.start(`edit_auth admin ${hash};\nview_auth guest look;\nstream quiet { input publish://; }`);
    const list = (init?: RequestInit) => server.get(`${kApi}/streams`, init);
    const refused = await list();
    assert.equal(refused.status, 403);
    assert.equal(await refused.text(), '{"error":"authorization_failed"}\n');
    assert.equal((await list(basic("admin", "s3cret"))).status, 200);
    assert.equal((await list({ headers: { authorization: `Bearer ${btoa("admin:s3cret")}` } })).status, 200);
    assert.equal((await list(basic("guest", "look"))).status, 200);
    assert.equal((await list(basic("admin", "look"))).status, 403);
    assert.equal((await list(basic("admin", hash))).status, 403);
    const path = `${kApi}/sessions/00000000-0000-4000-8000-000000000000`;
    assert.equal((await server.get(path, { method: "DELETE", ...basic("guest", "look") })).status, 403);
    assert.equal((await server.get(path, { method: "DELETE", ...basic("admin", "s3cret") })).status, 404);
    assert.match(server.log, /the password stands in the config as it is.* directive=view_auth/);
    assert.doesNotMatch(server.log, /edit_auth: the password stands/);
    await server.stop();
  });

  scenario("who guesses passwords has to wait", async () => {
    const server = await Server.start("edit_auth admin s3cret;", ["--shards", "1"]);
    const list = (password: string) => server.get(`${kApi}/streams`, basic("admin", password));
    const statuses = [];
    for (let i = 0; i < 12; ++i) statuses.push((await list(`guess ${i}`)).status);
    assert.equal(statuses[0], 403);
    assert.equal(statuses.at(-1), 429);
    const right = await list("s3cret");
    assert.equal(right.status, 429);
    assert.ok(Number(right.headers.get("retry-after")) > 0);
    await server.stop();
  });

  scenario("only from where it is allowed, and only where it listens", async () => {
    const server = await Server.start("api_allowed_from 10/8 172.16/12;\nstream quiet { input publish://; }");
    assert.equal((await server.get(`${kApi}/streams`)).status, 403);
    assert.equal((await server.get(`${kApi}/monitoring/readiness`)).status, 200);
    await server.stop();
  });

  scenario("who may only look sees no secrets, and cannot ask for them", async () => {
    const kSecrets = ["PlantedPublish", "PlantedToken", "PlantedAdmin", "PlantedLook"];
    const server = await Server.start(`
      edit_auth admin PlantedAdmin; view_auth guest PlantedLook;
      template t { prefix t; input publish://; password PlantedPublish; }
      stream demo { input fake://fake?width=320&height=180; password PlantedPublish; }`, ["--shards", "1"]);
    const as = (path: string, login: string, password: string) => server.get(path, basic(login, password));
    const viewer = await server.get("/demo/mpegts?token=PlantedToken");
    const admin = async (path: string) => (await as(path, "admin", "PlantedAdmin")).text();
    await until("the session", async () => (await admin(`${kApi}/sessions`)).includes("PlantedToken"));
    const id = (JSON.parse(await admin(`${kApi}/sessions`)) as Page).sessions[0]!.id;

    const schema = await as(`${kApi}/schema`, "admin", "PlantedAdmin");
    const listed = schema.ok ? Object.keys(((await schema.json()) as { paths: Json }).paths) : [];
    const paths = new Set(["streams", "sessions", `sessions/${id}`, "config/stats", "config", "config?full=true", "streams/demo", "templates", "templates/t", ...listed.map((path) => path.replace(/^\//, "").replace(/\{name\}/, "demo").replace(/\{id\}/, id))]);
    let seen = 0;
    for (const path of paths) {
      for (const accept of ["application/json", "text/plain", "application/openmetrics-text"]) {
        const { headers } = basic("guest", "PlantedLook");
        const answer = await server.get(path.startsWith("-") ? `/${path}` : `${kApi}/${path}`, { headers: { ...headers, accept } });
        const text = await answer.text();
        seen += answer.ok ? 1 : 0;
        for (const secret of kSecrets) assert.ok(!text.includes(secret), `${path} (${accept}) tells ${secret}`);
      }
    }
    assert.ok(seen >= 12, `${seen} answers`);
    for (const query of ["token=PlantedToken", "token_like=Planted", "sort=token", "token_is_not=null"]) {
      assert.equal((await as(`${kApi}/sessions?${query}`, "guest", "PlantedLook")).status, 400, query);
      assert.equal((await as(`${kApi}/sessions?${query}`, "admin", "PlantedAdmin")).status, 200, query);
    }
    assert.equal((JSON.parse(await (await as(`${kApi}/sessions?q=PlantedToken`, "guest", "PlantedLook")).text()) as Page).estimated_count, 0);
    await viewer.body?.cancel();
    await server.stop();
  });
});
