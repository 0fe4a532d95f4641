import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { gunzipSync } from "node:zlib";

import { loadMedia } from "./harness/playlist";
import { output, Program } from "./harness/program";
import { ask, Connection, get } from "./harness/raw_http";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { temporaryFile } from "./harness/temporary";
import { until, within } from "./harness/wait";

/// HTTP: what is there and what is not, headers, and names that are none.

let server: Server;
const kApi = "/streamer/api/v3";

before(async () => {
  server = await Server.start(`
    stream demo { input fake://fake?width=320&height=180; segment_duration 2; title "The picture";
      provider Sluice; mpegts_pids pmt=4095 v1=211 a0=16#dc; }
    stream quiet { input publish://; }
    stream watched { input fake://fake?width=320&height=180; segment_duration 2; }
    template live { prefix live; input publish://; }`, ["--shards", "2"]);
  await until("a segment", async () => (await loadMedia(`${server.http}/demo/index.m3u8`)).segments.length > 0);
});
after(() => server.stop());

const kForms = ["mpegts", "flv", "index.m3u8", "index.ll.m3u8", "index.fmp4.m3u8", "media_info.json", "tracks-v1/index.ts.m3u8"];

describe("names that are none", () => {
  const names = [
    ["parents", "../demo"],
    ["parents inside", "live/../demo"],
    ["parents at the end", "demo/.."],
    ["a point", "./demo"],
    ["an encoded slash", "live%2fx"],
    ["encoded parents", "%2e%2e/demo"],
    ["parents with an encoded slash", "live%2f..%2fdemo"],
    ["a double encoding", "live%252fx"],
    ["doubly encoded parents", "%252e%252e%252fdemo"],
    ["an overlong encoding of a slash", "live%c0%afx"],
    ["an encoded NUL", "demo%00"],
    ["a NUL in the middle", "de%00mo"],
    ["a line break", "demo%0d%0aX-Evil:%20yes"],
    ["a backslash", "live\\..\\demo"],
    ["an encoded backslash", "live%5c..%5cdemo"],
    ["an empty part", "live//x"],
    ["a leading slash", "/demo"],
    ["a broken encoding", "demo%zz"],
    ["a cut encoding", "demo%2"],
    ["256 bytes", "x".repeat(256)],
    ["256 bytes below a prefix", `live/${"x".repeat(251)}`],
    ["8,000 bytes", "x".repeat(8_000)],
    ["UTF-8", "live/%e2%82%ac"],
  ] as const;
  for (const [what, name] of names) {
    scenario(`${what}: not found, in any form`, async () => {
      for (const form of kForms) {
        const answer = await get(server.httpPort, `/${name}/${form}`);
        assert.ok([400, 404, 414, 431].includes(answer.status), `${answer.status} for /${name.slice(0, 60)}/${form}`);
        assert.equal(answer.headers.has("x-evil"), false);
      }
    });
  }

  scenario("a NUL, or another byte that is no text, in the request line is refused", async () => {
    for (const byte of ["\0", "\x01", "\x7f", "\xff"]) {
      const { status } = await get(server.httpPort, `/de${byte}mo/index.m3u8`);
      assert.ok([400, 404].includes(status), `${status}`);
    }
  });

  scenario("none of them is remembered as a stream", async () => {
    const { streams } = JSON.parse(await server.text(`${kApi}/streams`)) as { streams: { name: string }[] };
    assert.deepEqual(streams.map(({ name }) => name).sort(), ["demo", "quiet", "watched"]);
  });

  scenario("the server's own files are no streams", async () => {
    for (const path of ["/sluice.conf", "/assets/../sluice.conf", "/assets/%2e%2e/%2e%2e/etc/passwd", "/../../etc/passwd", "//etc/passwd"]) {
      assert.ok([400, 404].includes((await get(server.httpPort, path)).status), path);
    }
  });
});

describe("what is not there", () => {
  scenario("an unknown stream is 404 in every form", async () => {
    for (const form of kForms) assert.equal((await server.get(`/nobody/${form}`)).status, 404, form);
  });
  scenario("segments, parts and init segments that are gone or never were are 404", async () => {
    for (const file of [
      ...["2020/01/01/00/00/00-02000.ts", "2020/13/45/99/99/99-02000.ts", "2020/01/01/00/00/00-02000.fmp4"],
      ...["init-0000000000000000.mp4", "init-zzzz.mp4", "segment-1.m4s", "segment-99999999999999999999.m4s"],
    ]) {
      assert.equal((await server.get(`/demo/tracks-v1/${file}`)).status, 404, file);
    }
  });
  scenario("tracks that the stream does not have are 404", async () => {
    for (const tracks of ["v2", "a7", "x1", "v0", "v99999999999"]) {
      const { status } = await server.get(`/demo/tracks-${tracks}/index.m3u8`);
      assert.ok([400, 404].includes(status), `${status} for ${tracks}`);
    }
  });
  scenario("a stream that nobody has published yet has no playlist, which is said at once", async () => {
    await server.get("/quiet/index.m3u8"); // answered when publishers are no longer taken to be on their way back
    for (const form of ["index.m3u8", "index.ll.m3u8", "tracks-v1/index.fmp4.m3u8", "media_info.json"]) {
      const begin = performance.now();
      assert.equal((await server.get(`/quiet/${form}`)).status, 404, form);
      assert.ok(performance.now() - begin < 3_000, `${form} after ${performance.now() - begin} ms`);
    }
  });
  scenario("nor does a viewer of its flows wait for ever", async () => {
    const statuses = ["mpegts", "flv"].map(async (form) => (await server.get(`/quiet/${form}`)).status);
    assert.deepEqual(await Promise.all(statuses), [404, 404]);
  });
  scenario("an unknown call of the API is 404 and JSON", async () => {
    const response = await server.get(`${kApi}/nothing`);
    assert.equal(response.status, 404);
    assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    await response.json();
  });
});

describe("requests that are none", () => {
  const requests = [
    ["nothing that HTTP knows", "HELLO\r\n\r\n", [400]],
    ["no version", "GET /\r\n\r\n", [400]],
    ["a header line without a colon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", [400]],
    ["a header of 100 KB", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(100_000)}\r\n\r\n`, [400, 431]],
    ["10,000 headers", `GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(10_000)}\r\n`, [400, 431]],
    ["two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", [400]],
    ["a length and chunks", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]],
    ["a body without end", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", [400, 405, 413]],
  ] as const;
  for (const [what, request, statuses] of requests) {
    scenario(`${what}: refused, and the connection is closed`, async () => {
      const { status } = await ask(server.httpPort, request);
      assert.ok((statuses as readonly number[]).includes(status), `${status}`);
    });
  }
  scenario("methods other than GET, HEAD and OPTIONS are 405", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const response = await server.get("/demo/index.m3u8", { method });
      assert.equal(response.status, 405, method);
      assert.match(response.headers.get("allow") ?? "", /GET, HEAD/);
    }
  });
});

describe("headers", () => {
  async function files(): Promise<Record<string, string>> {
    const ts = await loadMedia(`${server.http}/demo/index.ts.m3u8`);
    const fmp4 = await loadMedia(`${server.http}/demo/index.fmp4.m3u8`);
    const ll = await loadMedia(`${server.http}/demo/index.ll.m3u8`);
    return {
      "the page": `${server.http}/`,
      "the player": `${server.http}/demo/embed.html`,
      "the list of streams": `${server.http}${kApi}/streams`,
      "the master playlist": `${server.http}/demo/index.m3u8`,
      "a segment of MPEG-TS": ts.segments.at(-1)?.uri ?? "",
      "a segment of CMAF": fmp4.segments.at(-1)?.uri ?? "",
      "an init segment": fmp4.segments.at(-1)?.map ?? "",
      "a part": ll.segments.at(-1)?.parts.at(-1) ?? "",
      "what does not exist": `${server.http}/nobody/index.m3u8`,
      "media_info.json": `${server.http}/demo/media_info.json`,
    };
  }
  const kTypes: Record<string, RegExp> = {
    "the page": /^text\/html/,
    "the player": /^text\/html/,
    "the list of streams": /^application\/json/,
    "the master playlist": /^application\/(vnd\.apple\.mpegurl|x-mpegurl)$/i,
    "a segment of MPEG-TS": /^video\/mp2t$/i,
    "a segment of CMAF": /^(video|audio)\/(mp4|iso\.segment)$/,
    "an init segment": /^(video|audio)\/mp4$/,
    "a part": /^(video|audio)\/(mp4|iso\.segment)$/,
    "what does not exist": /^text\/plain/,
    "media_info.json": /^application\/json/,
  };

  scenario("every answer is for every origin and says what it is", async () => {
    for (const [what, url] of Object.entries(await files())) {
      const response = await fetch(url, { headers: { Origin: "http://elsewhere.example" } });
      await response.arrayBuffer();
      assert.equal(response.headers.get("access-control-allow-origin"), "*", what);
      assert.match(response.headers.get("content-type") ?? "", kTypes[what] as RegExp, what);
      // A page from elsewhere has no part in what is its owner's without a login.
      const status = what === "what does not exist" ? 404 : what === "the list of streams" ? 403 : 200;
      assert.equal(response.status, status, what);
    }
  });

  scenario("HEAD says what GET would, without a body", async () => {
    for (const [what, url] of Object.entries(await files())) {
      const { pathname } = new URL(url);
      const request = (method: string) => `${method} ${pathname} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      const head = await ask(server.httpPort, request("HEAD"));
      const whole = await ask(server.httpPort, request("GET"));
      assert.equal(head.body.length, 0, what);
      assert.equal(head.status, whole.status, what);
      assert.equal(head.headers.get("content-type"), whole.headers.get("content-type"), what);
      assert.equal(whole.headers.get("content-length"), `${whole.body.length}`, what);
      if (!/list of streams/.test(what)) assert.equal(head.headers.get("content-length"), `${whole.body.length}`, what);
    }
  });

  scenario("HEAD of an endless stream ends", async () => {
    for (const form of ["mpegts", "flv"]) {
      const response = await server.get(`/demo/${form}`, { method: "HEAD" });
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type") ?? "", /^video\//);
    }
  });

  scenario("a preflight is answered", async () => {
    const response = await server.get("/demo/index.m3u8", {
      method: "OPTIONS",
      headers: { Origin: "http://elsewhere.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range" },
    });
    assert.ok([200, 204].includes(response.status));
    assert.match(response.headers.get("access-control-allow-methods") ?? "", /GET/);
    assert.match(response.headers.get("access-control-allow-headers") ?? "", /\*|range/i);
  });

  scenario("what never changes has an ETag, lasts, and is not sent twice", async () => {
    const all = await files();
    for (const what of ["a segment of MPEG-TS", "a segment of CMAF", "an init segment"]) {
      const url = all[what] as string;
      const first = await fetch(url);
      await first.arrayBuffer();
      const etag = first.headers.get("etag") ?? "";
      assert.match(etag, /^"[^"]+"$/, what);
      assert.match(first.headers.get("cache-control") ?? "", /max-age=\d+/, what);
      const again = await fetch(url, { headers: { "If-None-Match": etag } });
      assert.equal(again.status, 304, what);
      assert.equal((await again.arrayBuffer()).byteLength, 0, what);
      const other = await fetch(url, { headers: { "If-None-Match": '"other"' } });
      assert.equal(other.status, 200, what);
      await other.arrayBuffer();
    }
  });

  scenario("pages and playlists are the same, zipped or not", async () => {
    const all = await files();
    for (const what of ["the player", "a media playlist"]) {
      const path = what === "the player" ? "/demo/embed.html" : new URL(all["the master playlist"] as string).pathname;
      const plain = await get(server.httpPort, path);
      const zipped = await ask(server.httpPort, `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`);
      assert.equal(plain.headers.get("content-encoding"), undefined, what);
      const body = zipped.headers.get("content-encoding") === "gzip" ? gunzipSync(zipped.body) : zipped.body;
      assert.equal(body.toString(), plain.body.toString(), what);
      assert.match(zipped.headers.get("vary") ?? "", /accept-encoding/i, what);
      if (what === "the player") assert.equal(zipped.headers.get("content-encoding"), "gzip");
    }
  });

  scenario("curl gets a media playlist zipped", async () => {
    const { text } = await loadMedia(`${server.http}/demo/index.ll.m3u8`);
    assert.ok(text.length > 0);
    const headers = temporaryFile("headers.txt");
    const url = `${server.http}/demo/tracks-v1/index.ll.m3u8`;
    const body = await output("curl", ["-sS", "--fail", "--compressed", "-D", headers, url]);
    assert.match(body, /^#EXTM3U\n/);
  });

  scenario("a range is answered with that range, or with the whole", async () => {
    const all = await files();
    for (const what of ["a segment of MPEG-TS", "a segment of CMAF", "an init segment"]) {
      const url = all[what] as string;
      const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
      const response = await fetch(url, { headers: { Range: "bytes=100-299" } });
      const body = Buffer.from(await response.arrayBuffer());
      if (response.status === 206) {
        assert.equal(response.headers.get("content-range"), `bytes 100-299/${whole.length}`);
        assert.deepEqual(body, whole.subarray(100, 300));
      } else {
        assert.equal(response.status, 200);
        assert.deepEqual(body, whole);
      }
    }
  });
});

describe("many requests on one connection", () => {
  scenario("are answered in order, also when they come at once", async () => {
    const paths = ["/demo/index.m3u8", "/nobody/index.m3u8", "/demo/media_info.json", `${kApi}/monitoring/liveness`];
    const requests = paths.map((path, i) => `GET ${path} HTTP/1.1\r\nHost: a\r\n${i === 3 ? "Connection: close\r\n" : ""}\r\n`);
    const { body, status } = await ask(server.httpPort, requests.join(""));
    assert.equal(status, 200);
    const statuses = [...body.toString("latin1").matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => Number(code));
    assert.deepEqual(statuses, [404, 200, 200]);
  });
  scenario("curl reuses its connection", async () => {
    const url = `${server.http}/demo/media_info.json`;
    const text = await output("curl", ["-sS", "--fail", "-w", "%{num_connects} ", "-o", "/dev/null", url, "-o", "/dev/null", url]);
    assert.equal(text, "1 0 ");
  });
});

describe("the API", () => {
  scenario("says that it lives and is ready, at both of its addresses", async () => {
    for (const base of [kApi, "/flussonic/api/v3"]) {
      const live = JSON.parse(await server.text(`${base}/monitoring/liveness`)) as { now: number; server_version: string };
      assert.ok(Math.abs(live.now - Date.now()) < 10_000);
      const ready = JSON.parse(await server.text(`${base}/monitoring/readiness`)) as { started_at: number; server_version: string };
      assert.ok(ready.started_at <= Date.now() / 1000 && ready.started_at > Date.now() / 1000 - 600);
      assert.equal(ready.server_version, live.server_version);
    }
  });

  scenario("lists the streams with their tracks and their viewers", async () => {
    const { stats } = await server.runs("demo");
    assert.ok(stats.alive);
    assert.ok(stats.frames_in > 0 && stats.bytes_in > 0 && stats.held_bytes > 0);
    const tracks = stats.media_info?.tracks ?? [];
    assert.deepEqual(tracks.map(({ codec, width, height, sample_rate }) => [codec, width, height, sample_rate]), [
      ["h264", 320, 180, undefined],
      ["aac", undefined, undefined, 48_000],
    ]);
    assert.equal(stats.online_clients >= 0, true);

    const viewer = new Program("curl", ["-sS", "-N", "-o", "/dev/null", `${server.http}/demo/mpegts`]);
    const clients = async () => (await server.stream("demo"))?.stats.online_clients ?? 0;
    const before = stats.online_clients;
    await until("one viewer more", async () => (await clients()) > before);
    await viewer.end();
    await until("one viewer less", async () => (await clients()) <= before);
  });

  scenario("in MPEG-TS the service has the names and PIDs of the configuration", async () => {
    const segment = (await loadMedia(`${server.http}/demo/index.ts.m3u8`)).segments.at(-1)?.uri ?? "";
    for (const url of [`${server.http}/demo/mpegts`, segment]) {
      const entries = "program=pmt_pid:program_tags=service_name,service_provider:program_stream=id:program_stream_tags=";
      const { programs } = JSON.parse(await output("ffprobe", ["-v", "error", "-of", "json", "-show_entries", entries, url]));
      const [{ pmt_pid, tags, streams }] = programs;
      assert.deepEqual(tags, { service_name: "The picture", service_provider: "Sluice" }, url);
      assert.deepEqual([pmt_pid, ...streams.map(({ id }: { id: string }) => Number(id))], [4095, 211, 221], url);
    }
  });

  scenario("a viewer of HLS is one viewer, over however many connections", async () => {
    const clients = async () => (await server.stream("watched"))?.stats.online_clients;
    for (const file of ["media_info.json", "embed.html"]) await server.text(`/watched/${file}`);
    assert.equal((await server.get("/watched/tracks-v7/index.m3u8")).status, 404);
    assert.equal(await clients(), 0, "who has got nothing to play is none");

    // All of them open at a time, so that they are spread over the shards.
    const connections = Array.from({ length: 8 }, () => new Connection(server.httpPort));
    for (const connection of connections) assert.equal(await connection.status("/watched/index.m3u8"), 200);
    assert.equal(await clients(), 1);
    assert.equal(await connections[0]?.status("/watched/index.m3u8?token=another"), 200);
    assert.equal(await clients(), 2);
    for (const connection of connections) connection.close();
  });

  scenario("media_info.json tells a viewer title and tracks", async () => {
    const info = JSON.parse(await server.text("/demo/media_info.json")) as { title?: string; provider?: string; tracks: { codec: string }[] };
    assert.equal(info.title, "The picture");
    assert.equal(info.provider, "Sluice");
    assert.deepEqual(info.tracks.map(({ codec }) => codec), ["h264", "aac"]);
  });
});

describe("curl as a player", () => {
  scenario("is sent an endless stream that ends with the server's 'connection: close', whole from its first byte", async () => {
    for (const [form, magic] of [["mpegts", Buffer.of(0x47)], ["flv", Buffer.from("FLV\x01\x05")]] as const) {
      const file = temporaryFile(form);
      const player = new Program("curl", ["-sS", "-N", "--max-time", "30", "-o", file, `${server.http}/demo/${form}`]);
      const { readFile } = await import("node:fs/promises");
      await until("100 KB", async () => (await readFile(file)).length > 100_000);
      await player.end("SIGTERM");
      const bytes = await readFile(file);
      assert.deepEqual(bytes.subarray(0, magic.length), magic);
      if (form !== "mpegts") continue;
      for (let at = 0; at < bytes.length; at += 188) assert.equal(bytes[at], 0x47, `sync byte at ${at}`);
    }
  });

  scenario("that asks in HTTP/1.0 is answered", async () => {
    const player = new Program("curl", ["-sS", "--http1.0", "--fail", "-o", "/dev/null", `${server.http}/demo/index.m3u8`]);
    await within("curl", player.done());
  });
});
