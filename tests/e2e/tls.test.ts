import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect as connectHttp2, constants, type ClientHttp2Session } from "node:http2";
import { get as getHttps, request as requestHttps } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { after, before, describe } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";

import type { Browser } from "playwright-core";

import { complaints, HlsJsSite, launchBrowser, Tab } from "./harness/browser";
import { Authority, replaceFiles, type Certificate } from "./harness/certificate";
import { makeClip, publish, type Clip } from "./harness/clip";
import { assertConsecutive, assertPlayed } from "./harness/compare";
import { loadMedia } from "./harness/playlist";
import { freePort } from "./harness/ports";
import { output, Program } from "./harness/program";
import { scenario } from "./harness/scenario";
import { kProgram, Server } from "./harness/server";
import { temporaryFile } from "./harness/temporary";
import { Viewer } from "./harness/viewer";
import { until, within } from "./harness/wait";

/// TLS, HTTP/2 and WebSocket, as the clients of others speak them.

const kViewers = Number(process.env["VIEWERS"] ?? 20); // while certificates are swapped

let authority: Authority;
let shown: Certificate;
let server: Server;
let https: number; // ports
let rtmps: number;
let http2: string;
let clip: Clip;
const accesses = temporaryFile("access.log");

const demo = "stream demo { input fake://fake?width=320&height=180; segment_duration 2; }";

before(async () => {
  authority = await Authority.make();
  shown = await authority.issue();
  const other = await authority.issue(["other.example"]);
  [https, rtmps] = [await freePort(), await freePort()];
  http2 = `https://127.0.0.1:${https}`;
  clip = await makeClip({ frames: 150, gop: 25 });
  server = await Server.start(`
    https 127.0.0.1:${https};
    rtmps 127.0.0.1:${rtmps} { ssl_protocols tlsv1.2 tlsv1.3; }
    log_requests true;
    access_log ${accesses};
    certificate ${shown.certificate} ${shown.key};
    certificate ${other.certificate} ${other.key};
    ${demo}
    template live { prefix live; input publish://; }`, ["--shards", "2"]);
  await until("a segment", async () => (await loadMedia(`${server.http}/demo/index.m3u8`)).segments.length > 0);
});
after(() => server.stop());

/// What curl makes of an address, with the authority of the test: the status and the version of HTTP, and the body.
async function curl(url: string, ...args: string[]): Promise<{ status: string; body: string }> {
  const file = temporaryFile("body");
  const status = await output("curl", ["-sS", "--cacert", authority.certificate, "-o", file, "-w", "%{http_code} %{http_version}", ...args, url]);
  return { status, body: await readFile(file, "latin1") };
}

/// A socket that speaks TLS with the server.
async function shakeHands(options: object = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: "127.0.0.1", port: https, ca: await readFile(authority.certificate), ALPNProtocols: ["http/1.1"], ...options });
  await within("a handshake", once(socket, "secureConnect"));
  return socket;
}
/// The serial number of the certificate that is shown to whoever comes now.
async function serial(): Promise<string> {
  const socket = await shakeHands();
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

describe("HTTPS", { concurrency: 2 }, () => {
  scenario("curl gets the same over HTTP/2, HTTP/1.1 and without TLS", async () => {
    const playlist = await loadMedia(`${server.http}/demo/index.m3u8`);
    const segment = new URL(playlist.segments[0]?.uri ?? "");
    const plain = Buffer.from(await (await fetch(segment)).arrayBuffer()).toString("latin1");
    for (const [flag, version] of [["--http2", "2"], ["--http1.1", "1.1"]] as const) {
      const { status, body } = await curl(`${http2}${segment.pathname}`, flag);
      assert.equal(status, `200 ${version}`);
      assert.equal(body, plain);
    }
    const logged = async () => [...(await readFile(accesses, "utf8")).matchAll(new RegExp(`path=${segment.pathname} proto=hls tls=(\\S+) status=200`, "g"))];
    await until("three lines in the access log", async () => (await logged()).length === 3);
    assert.deepEqual((await logged()).map(([, version]) => version), ['""', "TLSv1.3", "TLSv1.3"]);
    assert.deepEqual(await curl(`${http2}/nothing/index.m3u8`, "--http2"), { status: "404 2", body: (await curl(`${server.http}/nothing/index.m3u8`)).body });
    const cut = await curl(`${http2}${segment.pathname}`, "--http2", "-I");
    assert.match(cut.body, new RegExp(`content-length: ${plain.length}\r`));
  });

  scenario("the certificate is of the name that is asked for", async () => {
    const socket = await shakeHands({ servername: "other.example" });
    assert.equal(socket.getPeerCertificate().subject.CN, "other.example");
    socket.destroy();
  });

  scenario("ffmpeg plays HLS and both flows", async () => {
    for (const form of ["index.m3u8", "index.fmp4.m3u8", "mpegts", "flv"]) {
      const viewer = new Viewer(`${http2}/demo/${form}`);
      await until(`two seconds of ${form}`, () => viewer.numbers.length >= 50, () => !viewer.program.running);
      assertConsecutive((await viewer.stop()).numbers);
      assert.deepEqual(viewer.complaints, []);
    }
  });

  scenario("h2load finds every answer in place", async () => {
    const said = await output("h2load", ["-n", "2000", "-c", "20", "-m", "10", `${http2}/demo/index.m3u8`]);
    assert.match(said, /2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored/);
  });

  scenario("a request for what is not there yet waits, and others do not", async () => {
    const session = await openSession();
    const ask = async (path: string) => {
      const stream = session.request({ ":path": path });
      const [headers] = (await within(path, once(stream, "response"))) as [Record<string, number>];
      let body = "";
      for await (const part of stream.setEncoding("utf8")) body += part;
      return { status: headers[":status"], body };
    };
    const now = await ask("/demo/index.ll.m3u8");
    const tracks = /^tracks-v1.*\.m3u8.*$/m.exec(now.body)?.[0] ?? "";
    const media = `/demo/${tracks}`;
    const last = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec((await ask(media)).body)?.[1]) + ((await ask(media)).body.match(/#EXTINF/g) ?? []).length;
    const waiting = ask(`${media}${media.includes("?") ? "&" : "?"}_HLS_msn=${last + 1}&_HLS_part=0`);
    assert.equal((await ask("/demo/media_info.json")).status, 200);
    const { status, body } = await waiting;
    assert.equal(status, 200);
    assert.match(body, /#EXT-X-PRELOAD-HINT/);
    session.close();
  });

  scenario("a flow is a stream of HTTP/2 among others", async () => {
    const file = temporaryFile("flow.flv");
    const player = new Program("curl", ["-sS", "--http2", "--cacert", authority.certificate, "-o", file, `${http2}/demo/flv`]);
    await until("a flow", async () => (await readFile(file)).length > 100_000);
    await player.end();
    const { numbers } = await new Viewer(file).ended();
    assert.ok(numbers.length > 25, `${numbers.length} pictures`);
    assertConsecutive(numbers);
  });
});

describe("RTMPS", () => {
  scenario("ffmpeg publishes and plays", async () => {
    const publisher = publish(`rtmps://127.0.0.1:${rtmps}/live/one`, clip);
    await server.runs("live/one");
    const viewer = new Viewer(`rtmps://127.0.0.1:${rtmps}/live/one`);
    await until("pictures", () => viewer.numbers.length >= 25, () => !viewer.program.running);
    await publisher.done();
    assertPlayed(await viewer.until(149), clip, "keyframe");
    for (const method of ["PUBLISH", "PLAY"]) {
      await until("a line in the access log", async () => (await readFile(accesses, "utf8")).includes(`method=${method} path=/live/one proto=rtmp tls=TLSv1.3 `));
    }
  });

  scenario("GStreamer publishes", async () => {
    const pipeline = `filesrc location=${clip.path} ! flvdemux name=in  in.video ! queue ! h264parse ! flvmux name=out streamable=true
      ! rtmp2sink location=rtmps://127.0.0.1:${rtmps}/live/gst tls-validation-flags=0  in.audio ! queue ! aacparse ! out.`;
    const publisher = new Program("gst-launch-1.0", ["-q", ...pipeline.split(/\s+/)]);
    await server.runs("live/gst");
    await publisher.done();
  });
});

describe("players in Chromium", () => {
  let browser: Browser;
  let site: HlsJsSite;
  before(async () => {
    [browser, site] = await Promise.all([launchBrowser(), HlsJsSite.start()]);
  });
  after(async () => {
    site.stop();
    await browser.close();
  });

  /// A machine that is slow for a moment has a player jump to what is live: whether the media has holes is asked without TLS.
  const kLate = /bufferStalledError|bufferSeekOverHole|bufferNudgeOnStall/;

  async function assertPlays(url: string, how: "hls.js" | "low latency" | "mpegts.js"): Promise<Tab> {
    const tab = await Tab.open(browser, site.plays(url, how), { ignoreHTTPSErrors: true });
    const first = await tab.shows(1);
    await tab.shows(first + 50);
    assert.deepEqual((await complaints(tab)).filter((text) => !kLate.test(text)), []);
    return tab;
  }

  scenario("hls.js with low latency asks over HTTP/2", async () => {
    const tab = await assertPlays(`${http2}/demo/index.ll.m3u8`, "low latency");
    const versions = await tab.page.evaluate(() =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).filter(({ name }) => name.includes("/demo/")).map((entry) => entry.nextHopProtocol));
    // What another origin may not know is said as an empty text.
    assert.ok(versions.every((version) => version === "h2" || version === ""), versions.join());
    await tab.close();
  });
  for (const [what, url] of [
    ["HTTP-FLV over TLS", () => `${http2}/demo/flv`],
    ["a WebSocket", () => `ws://127.0.0.1:${server.httpPort}/demo/flv`],
    ["a WebSocket over TLS", () => `wss://127.0.0.1:${https}/demo.flv`],
    ["MPEG-TS over a WebSocket", () => `ws://127.0.0.1:${server.httpPort}/demo/mpegts`],
  ] as const) {
    scenario(`mpegts.js plays ${what}`, async () => {
      await (await assertPlays(url(), "mpegts.js")).close();
    });
  }
});

describe("certificates", () => {
  scenario("new files are shown to new clients, and nobody who watches notices", async () => {
    const viewers = await Promise.all(Array.from({ length: kViewers }, () => watch()));
    const old = await serial();
    await replaceFiles(shown, await authority.issue());
    await until("the new certificate", async () => (await serial()) !== old);
    const now = await serial();

    await writeFile(shown.key, "broken");
    await until("an error in the log", () => server.log.includes(`${shown.key}: not a private key`));
    assert.equal(await serial(), now);

    await replaceFiles(shown, await authority.issue());
    await until("the newest certificate", async () => (await serial()) !== now);
    for (const viewer of viewers) {
      const before = viewer.bytes;
      await until("more of the flow", () => viewer.bytes > before || viewer.ended);
      assert.equal(viewer.ended, false);
      viewer.stop();
    }
  });

  scenario("what is wrong with them is said before the server starts", async () => {
    const check = async (line: string): Promise<{ code: number | null; log: string }> => {
      const file = temporaryFile("sluice.conf");
      await writeFile(file, `https 1443;\n${line}\n${demo}\n`);
      const program = new Program(kProgram, ["check", file]);
      const { code } = await program.exited;
      return { code, log: program.log };
    };
    const [good, expired] = [await authority.issue(), await authority.issue([], true)];
    assert.deepEqual(await check(`certificate ${good.certificate} ${good.key};`).then(({ code }) => code), 0);
    const wrong = await check(`certificate ${good.certificate} ${expired.key};`);
    assert.equal(wrong.code, 1);
    assert.match(wrong.log, /sluice\.conf:2:1: \S+\.key: not the key of the certificate in /);
    const missing = await check("certificate nowhere.crt;");
    assert.equal(missing.code, 1);
    assert.match(missing.log, /sluice\.conf:2:1: \S+nowhere\.crt: cannot be read: No such file/);
    const none = await check("");
    assert.equal(none.code, 1);
    assert.match(none.log, /sluice\.conf:1:1: a port for TLS needs a certificate/);
    const late = await check(`certificate ${expired.certificate} ${expired.key};`);
    assert.equal(late.code, 0);
    assert.match(late.log, /sluice\.conf:2:1: warning: \S+\.crt: expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  });
});

describe("clients that mean no good", () => {
  scenario("handshakes that are not finished hinder nobody and are ended", async () => {
    const silent: Socket[] = [];
    let ended = 0;
    for (let i = 0; i < 300; ++i) {
      const socket = connectTcp({ host: "127.0.0.1", port: https });
      socket.on("error", () => {}).on("close", () => (ended += 1));
      if (i % 2 === 0) socket.write(Buffer.from("160301", "hex"));
      silent.push(socket);
    }
    assert.match((await curl(`${http2}/demo/index.m3u8`, "--http2")).status, /^200 2/);
    await until("the end of all of them", () => ended === silent.length);
  });

  scenario("requests that are taken back at once end that connection and no other", async () => {
    const good = await openSession();
    const reason = await flood((session) => {
      const stream = session.request({ ":path": "/demo/mpegts" }); // what is answered at once is none that is taken back
      stream.on("error", () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    });
    assert.equal(reason, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    const stream = good.request({ ":path": "/demo/index.m3u8" });
    const [headers] = (await within("an answer", once(stream, "response"))) as [Record<string, number>];
    assert.equal(headers[":status"], 200);
    good.destroy();
  });

  scenario("so do pings without end", async () => {
    assert.equal(await flood((session) => session.ping(() => {})), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });

  scenario("a WebSocket whose frames are not masked is ended", async () => {
    const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };
    const asked = requestHttps({ host: "127.0.0.1", port: https, path: "/demo/flv", headers, ca: await readFile(authority.certificate) });
    asked.end();
    const [answer, socket] = (await within("an upgrade", once(asked, "upgrade"))) as [{ headers: Record<string, string> }, Socket];
    assert.equal(answer.headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    socket.resume().on("error", () => {});
    socket.write(Buffer.from("8201ff", "hex"));
    await within("the end", once(socket, "close"));
  });
});

async function openSession(): Promise<ClientHttp2Session> {
  const session = connectHttp2(http2, { ca: await readFile(authority.certificate) });
  session.on("error", () => {});
  await within("a session", once(session, "connect"));
  return session;
}

/// Does `what` again and again until the server ends the connection; the reason that it gives.
async function flood(what: (session: ClientHttp2Session) => void): Promise<number | undefined> {
  const session = await openSession();
  let reason: number | undefined;
  session.on("goaway", (code: number) => (reason = code));
  await until("the end of the connection", () => {
    for (let i = 0; i < 50 && !session.destroyed; ++i) what(session);
    return session.destroyed;
  });
  return reason;
}

/// Takes a flow over TLS and counts its bytes.
async function watch(): Promise<{ bytes: number; ended: boolean; stop(): void }> {
  const ca = await readFile(authority.certificate);
  const viewer = { bytes: 0, ended: false, stop: () => {} };
  const asked = getHttps(`${http2}/demo/mpegts`, { ca, agent: false }, (answer) => {
    answer.on("data", (part: Buffer) => (viewer.bytes += part.length)).on("close", () => (viewer.ended = true));
  });
  asked.on("error", () => (viewer.ended = true));
  viewer.stop = () => asked.destroy();
  await until("a flow", () => viewer.bytes > 0);
  return viewer;
}
