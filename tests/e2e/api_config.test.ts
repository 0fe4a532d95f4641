import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe } from "node:test";

import { api, mustApi, type Json } from "./harness/api";
import { output } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { until } from "./harness/wait";

/// The config by the API: what it shows, what it changes, what is then in the file, and what survives.

const kOwn = `# The streams of the house.
stream demo {
  input fake://fake?width=320&height=180;   # a picture
  title "The picture";
  segment_duration 2;
}
template live {
  prefix live;
  input publish://;
  password secret;
  title shared;
}
template pull { prefix pull; input fake://fake; }
stream member { template live; comment c; }   # takes the rest from its template
`;

let server: Server;
before(async () => {
  server = await Server.start(kOwn, ["--shards", "2"]);
});
after(() => server.stop());

const file = (): Promise<string> => readFile(server.config, "utf8");

describe("reading", () => {
  scenario("a stream: what is in force, and what it has of its own", async () => {
    const stream = await mustApi(server, "GET", "streams/member");
    assert.equal(stream.title, "shared");
    assert.equal(stream.segment_duration, 5000);
    assert.equal(stream.segment_count, 4);
    assert.equal(stream.named_by, "config");
    assert.equal(stream.position, 1);
    assert.deepEqual(stream.inputs, [{ url: "publish://" }]);
    assert.deepEqual(stream.config_on_disk, { name: "member", template: "live", comment: "c" });
    assert.equal(typeof stream.stats, "object");
    const demo = await mustApi(server, "GET", "streams/demo");
    assert.equal(demo.segment_duration, 2000, "in milliseconds");
    assert.equal(demo.position, 0);
  });

  scenario("both bases are the same", async () => {
    const demo = await mustApi(server, "GET", "streams/demo", undefined, "/flussonic/api/v3");
    assert.equal(demo.title, "The picture");
  });

  scenario("templates, alone and as a list", async () => {
    const live = await mustApi(server, "GET", "templates/live");
    assert.deepEqual(live.prefixes, ["live"]);
    assert.equal(live.config_on_disk.title, "shared");
    const list = await mustApi(server, "GET", "templates?title=shared");
    assert.deepEqual(list.templates.map(({ name }: Json) => name), ["live"]);
    assert.equal(list.estimated_count, 1);
  });

  scenario("the config, without and with its objects, and as the text of its file", async () => {
    const config = await mustApi(server, "GET", "config");
    assert.deepEqual(config.listeners.http, [{ port: server.httpPort, address: "127.0.0.1" }]);
    assert.equal(config.streams, undefined);
    const full = await mustApi(server, "GET", "config?full=true");
    assert.deepEqual(full.streams[1], { name: "member", template: "live", comment: "c" });
    assert.equal(full.templates[0].name, "live");
    const text = await server.get("/streamer/api/v3/config", { headers: { Accept: "text/plain" } });
    assert.equal(await text.text(), await file());
  });

  scenario("what is not there is not found", async () => {
    assert.deepEqual(await api(server, "GET", "streams/nothing"), { status: 404, json: { error: "not_found", name: "nothing" } });
    assert.equal((await api(server, "GET", "templates/nothing")).status, 404);
    assert.equal((await api(server, "DELETE", "streams/nothing")).status, 404);
    assert.equal((await api(server, "DELETE", "templates/nothing")).status, 404);
    assert.equal((await api(server, "POST", "streams/nothing/stop")).status, 404);
  });

  scenario("options that are configured may be asked for in lists", async () => {
    const { streams } = await mustApi(server, "GET", "streams?segment_duration=2000&select=title");
    assert.deepEqual(streams.map(({ name, title }: Json) => [name, title]), [["demo", "The picture"]]);
  });
});

describe("changing", () => {
  scenario("PUT makes a stream that runs at once and is in the file", async () => {
    const made = await mustApi(server, "PUT", "streams/made", { inputs: [{ url: "fake://fake", width: 320, height: 180 }], title: "A" });
    assert.equal(made.name, "made");
    assert.equal(made.named_by, "config");
    assert.deepEqual(made.config_on_disk.inputs, [{ url: "fake://fake", height: 180 }]);
    await server.runs("made");
    assert.match(await file(), /stream made \{\n {2}input fake:\/\/fake height=180;\n {2}title A;\n\}\n/);
    assert.equal((await api(server, "DELETE", "streams/made")).status, 204);
    assert.equal((await api(server, "GET", "streams/made")).status, 404);
    assert.doesNotMatch(await file(), /stream made/);
  });

  scenario("PUT merges: null takes back, an array is replaced whole, $reset begins anew, what is unknown is ignored", async () => {
    const put = (body: Json) => mustApi(server, "PUT", "streams/merged", body);
    await put({ title: "A", segment_count: 9, inputs: [{ url: "publish://" }, { url: "fake://fake" }] });
    const merged = await put({ comment: "c", inputs: [{ url: "publish://" }], segment_count: null, stats: { alive: true }, nothing: 1 });
    assert.deepEqual(merged.config_on_disk, { name: "merged", inputs: [{ url: "publish://" }], title: "A", comment: "c" });
    assert.equal(merged.segment_count, 4);
    const reset = await put({ $reset: true, segment_count: 5 });
    assert.deepEqual(reset.config_on_disk, { name: "merged", segment_count: 5 });
    await mustApi(server, "DELETE", "streams/merged");
  });

  scenario("names with slashes, raw and escaped", async () => {
    await mustApi(server, "PUT", "streams/deep/er/name", { title: "raw" });
    assert.equal((await mustApi(server, "GET", "streams/deep%2Fer%2Fname")).title, "raw");
    await mustApi(server, "PUT", "streams/deep%2Fer%2Fname", { comment: "escaped" });
    assert.equal((await mustApi(server, "GET", "streams/deep/er/name")).comment, "escaped");
    assert.equal((await api(server, "POST", "streams/deep/er/name/stop")).status, 204);
    assert.equal((await api(server, "DELETE", "streams/deep%2Fer/name")).status, 204);
  });

  scenario("the comments and the layout of everything else stay", async () => {
    const before = await file();
    await mustApi(server, "PUT", "streams/member", { segment_count: 7 });
    const changed = await file();
    assert.ok(changed.includes("# The streams of the house.\nstream demo {\n  input fake://fake?width=320&height=180;   # a picture\n"));
    assert.match(changed, /segment_count 7;/);
    await mustApi(server, "PUT", "streams/member", { segment_count: null });
    assert.ok((await file()).startsWith(before.slice(0, before.indexOf("stream member"))));
  });

  scenario("a template that changes takes its streams along", async () => {
    await mustApi(server, "PUT", "templates/live", { title: "other" });
    assert.equal((await mustApi(server, "GET", "streams/member")).title, "other");
    assert.deepEqual((await mustApi(server, "GET", "streams/member")).config_on_disk, { name: "member", template: "live", comment: "c" });
    await mustApi(server, "PUT", "templates/live", { title: "shared" });
  });

  scenario("a stream that a template made is written to the file by a PUT, as it runs", async () => {
    await server.get("/pull/25/index.m3u8");
    const running = await mustApi(server, "GET", "streams/pull/25");
    assert.equal(running.named_by, "user");
    assert.equal(running.template, "pull");
    const put = await mustApi(server, "PUT", "streams/pull/25", { title: "kept" });
    assert.equal(put.named_by, "config");
    assert.deepEqual(put.config_on_disk, {
      name: "pull/25", template: "pull", static: false, title: "kept",
    });
    assert.match(await file(), /stream pull\/25 \{/);
    await mustApi(server, "DELETE", "streams/pull/25");
  });

  scenario("stop makes a static stream begin anew", async () => {
    const { stats } = await until("many frames", async () => {
      const stream = await server.stream("demo");
      return stream !== undefined && stream.stats.frames_in > 100 ? stream : undefined;
    });
    assert.equal((await api(server, "POST", "streams/demo/stop")).status, 204);
    const again = await until("fewer frames than before", async () => {
      const stream = await server.stream("demo");
      return stream !== undefined && stream.stats.frames_in < stats.frames_in ? stream : undefined;
    });
    assert.equal(again.name, "demo");
    await server.runs("demo");
  });

  scenario("PUT of the whole config merges JSON or replaces the text", async () => {
    const before = await file();
    assert.equal((await mustApi(server, "PUT", "config", { loglevel: "debug" })).loglevel, "debug");
    assert.match(await file(), /^loglevel debug;$/m);
    assert.equal((await mustApi(server, "PUT", "config", { loglevel: null })).loglevel, "info");
    const replaced = await mustApi(server, "PUT", "config?full=true", `${before}stream text { }\n`);
    assert.equal(replaced.streams.at(-1).name, "text");
    assert.equal(await file(), `${before}stream text { }\n`);
    await mustApi(server, "PUT", "config", before);
    assert.equal((await api(server, "GET", "streams/text")).status, 404);
  });

  scenario("what was changed is there after a crash", async () => {
    const own = await Server.start("stream quiet { }");
    await mustApi(own, "PUT", "streams/kept", { title: "after a crash", inputs: [{ url: "publish://" }] });
    await own.crash();
    const kept = await mustApi(own, "GET", "streams/kept");
    assert.equal(kept.title, "after a crash");
    assert.deepEqual(kept.config_on_disk, { name: "kept", inputs: [{ url: "publish://" }], title: "after a crash" });
  });

  scenario("clients of the real world: curl", async () => {
    const url = `${server.http}/flussonic/api/v3/streams/curl`;
    await output("curl", ["-fsS", "-X", "PUT", url, "-H", "Content-Type: application/json", "-d", '{"title":"by curl"}']);
    assert.match(await output("curl", ["-fsS", url]), /"title":"by curl"/);
    await output("curl", ["-fsS", "-X", "DELETE", url]);
  });

  scenario("the old API reloads the file", async () => {
    const before = await file();
    await writeFile(server.config, `${before}stream edited { }\n`);
    assert.equal((await server.get("/flussonic/api/reload")).status, 200);
    assert.equal((await mustApi(server, "GET", "streams/edited")).named_by, "config");
    await writeFile(server.config, before);
    assert.equal((await server.get("/flussonic/api/reload")).status, 200);
    assert.equal((await api(server, "GET", "streams/edited")).status, 404);
  });
});

describe("many at once", () => {
  scenario("two clients that change different fields of the same and of other streams lose nothing", async () => {
    const own = await Server.start("stream quiet { }", ["--shards", "2"]);
    const names = ["many/0", "many/1", "many/2"];
    const client = async (field: string): Promise<void> => {
      for (let round = 1; round <= 8; ++round) {
        await Promise.all(names.map((name) => mustApi(own, "PUT", `streams/${name}`, { [field]: `${field} ${round}` })));
      }
    };
    await Promise.all([client("title"), client("comment")]);
    for (const name of names) {
      const stream = await mustApi(own, "GET", `streams/${name}`);
      assert.deepEqual(stream.config_on_disk, { name, title: "title 8", comment: "comment 8" });
    }
    await own.crash();
    for (const name of names) assert.equal((await mustApi(own, "GET", `streams/${name}`)).comment, "comment 8");
  });
});

describe("refusing", () => {
  const refused = async (method: string, path: string, body: unknown): Promise<Json> => {
    const before = await file();
    const answer = await api(server, method, path, body);
    assert.equal(answer.status, 400, JSON.stringify(answer.json));
    assert.equal(await file(), before, "nothing has changed");
    return answer.json;
  };

  scenario("a value of another type is refused, by its path", async () => {
    const { error, errors } = await refused("PUT", "streams/demo", { title: 5, inputs: [{ url: "publish://" }, { url: 7 }] });
    assert.equal(error, "bad_request");
    assert.deepEqual(errors.map(({ code, source }: Json) => [code, source.pointer]), [["bad_value", "/inputs/1/url"], ["bad_value", "/title"]]);
    assert.equal(errors[0].status, "400");
    assert.match(errors[1].title, /bad value 5/);
  });

  scenario("what is not supported yet is refused by its name", async () => {
    const { errors } = await refused("PUT", "streams/demo", { dvr: { root: "/storage" } });
    assert.equal(errors[0].code, "not_supported");
    assert.match(errors[0].title, /'dvr' is not supported yet/);
  });

  scenario("names and bodies that are none", async () => {
    assert.ok([400, 404].includes((await api(server, "PUT", "streams/..%2Fx", {})).status));
    assert.equal((await api(server, "PUT", "streams/a b", {})).status, 400);
    const broken = await server.get("/streamer/api/v3/streams/demo", { method: "PUT", body: '{"title":', headers: { "Content-Type": "application/json" } });
    assert.equal(broken.status, 400);
    assert.equal(((await broken.json()) as Json).errors[0].code, "malformed_json");
    await refused("PUT", "streams/demo", [1]);
    await refused("PUT", "streams/demo", { template: "nothing" });
  });

  scenario("POST checks a text: line, column and path of what is wrong, and what could be read", async () => {
    const error = await refused("POST", "config", 'http 80; stream mystream { input ""; }');
    assert.equal(error.error, "bad_url");
    assert.deepEqual([error.line, error.col, error.first_error_line, error.first_error_col], [1, 34, 1, 34]);
    assert.deepEqual(error.path, ["streams", 0, "inputs", 0, "url"]);
    assert.deepEqual(error.config.listeners.http, [{ port: 80 }]);
    assert.equal(error.config.streams[0].name, "mystream");
    const two = await refused("POST", "config", "stream a { segment_count 1; }\nstream b { titel x; }");
    assert.deepEqual(two.errors.map(({ meta }: Json) => [meta.line, meta.col]), [["1", "26"], ["2", "12"]]);
    assert.equal((await refused("POST", "config", "stream a {")).error, "syntax_error");
  });

  scenario("POST says what a sound text is, and changes nothing", async () => {
    const before = await file();
    const config = await mustApi(server, "POST", "config", "http 80; stream a { segment_duration 2; }");
    assert.deepEqual(config.streams, [{ name: "a", segment_duration: 2000 }]);
    assert.deepEqual((await mustApi(server, "POST", "config", { loglevel: "debug" })).loglevel, "debug");
    assert.equal((await refused("POST", "config", { loglevel: "loud" })).error, "bad_value");
    assert.equal(await file(), before);
  });

  scenario("PUT of a text that is wrong changes nothing and says where", async () => {
    const error = await refused("PUT", "config", "http 80;\nnothing;\n");
    assert.deepEqual([error.line, error.col], [2, 1]);
  });
});
