import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

import { mustApi, type Json } from "./harness/api";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";

/// The OpenAPI document: that it is one, and that the server answers as it says.

let server: Server;
let document: Json;
before(async () => {
  server = await Server.start(`
    stream demo { input fake://fake?width=320&height=180; segment_duration 2; title "The picture"; merge_window 100; }
    stream quiet { input publish:// source_timeout=false; prepush 10; clients_timeout false; url_prefix http://cdn/; }
    template live { prefix live; prefix ""; input publish://; password secret; }
    stream member { template live; }`);
  document = await mustApi(server, "GET", "schema");
  await server.runs("demo");
});
after(() => server.stop());

/// Whether an answer is what the document says of it.
function validator(name: string): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema({ $id: "doc", ...document });
  return ajv.compile({ $ref: `doc#/components/schemas/${name}` });
}

function expectValid(name: string, value: Json): void {
  const validate = validator(name);
  assert.ok(validate(value), `${name}: ${JSON.stringify(validate.errors, null, 1)}`);
}

describe("the document", () => {
  scenario("is OpenAPI, says a public validator", async () => {
    const result = await new Validator().validate(document);
    assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
    assert.equal(document.openapi, "3.1.0");
  });

  scenario("is the same below both bases", async () => {
    assert.deepEqual(await mustApi(server, "GET", "schema", undefined, "/flussonic/api/v3"), document);
  });

  scenario("has a sentence for each operation and each option", async () => {
    for (const [path, methods] of Object.entries<Json>(document.paths)) {
      for (const method of ["get", "put", "post", "delete"]) {
        if (methods[method] !== undefined) assert.match(methods[method].summary, /\.$/, `${method} ${path}`);
      }
    }
    for (const [name, option] of Object.entries<Json>(document.components.schemas.stream_config.properties)) {
      assert.match(option.description, /\.$/, name);
    }
  });

  scenario("says types, units, limits and defaults", async () => {
    const { segment_duration } = document.components.schemas.stream_config.properties;
    assert.deepEqual(
      { ...segment_duration, description: "" },
      { type: "integer", minimum: 1000, maximum: 15000, "x-unit": "milliseconds", default: 5000, description: "" },
    );
    assert.equal(document.components.schemas.server_config.properties.loglevel.default, "info");
    assert.deepEqual(document.components.schemas.server_config.properties.listeners.properties.http.items.required, ["port"]);
  });

  scenario("names every reference that it makes", async () => {
    const names = new Set(Object.keys(document.components.schemas));
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)"/g)) assert.ok(names.has(name as string), name);
  });
});

describe("answers are as the document says", () => {
  scenario("streams and templates", async () => {
    expectValid("streams_list", await mustApi(server, "GET", "streams"));
    expectValid("templates_list", await mustApi(server, "GET", "templates"));
    for (const name of ["demo", "quiet", "member"]) expectValid("stream", await mustApi(server, "GET", `streams/${name}`));
    expectValid("template", await mustApi(server, "GET", "templates/live"));
  });

  scenario("the config, with its objects as they are of their own", async () => {
    expectValid("server_config", await mustApi(server, "GET", "config?full=true"));
  });

  scenario("every GET without a name", async () => {
    for (const [path, methods] of Object.entries<Json>(document.paths)) {
      const reference = methods.get?.responses["200"]?.content?.["application/json"]?.schema?.$ref;
      if (reference === undefined || path.includes("{") || path === "/reload") continue;
      const base = methods.servers === undefined ? "/streamer/api/v3" : "";
      expectValid(reference.split("/").at(-1), await mustApi(server, "GET", path.slice(1), undefined, base));
    }
  });

  scenario("and so are refusals", async () => {
    const missing = await server.get("/streamer/api/v3/streams/nothing");
    expectValid("error", await missing.json());
  });

  scenario("the document refuses what the server refuses", async () => {
    const validate = validator("stream_config_patch");
    assert.ok(validate({ title: null, segment_duration: 2000, $reset: true }));
    for (const wrong of [{ title: 5 }, { segment_duration: 500 }, { prepush: "soon" }, { inputs: [{}] }, { merge_window: "audio" }]) {
      assert.ok(!validate(wrong), JSON.stringify(wrong));
      const answer = await server.get("/streamer/api/v3/streams/demo", { method: "PUT", body: JSON.stringify(wrong) });
      assert.equal(answer.status, 400, JSON.stringify(wrong));
    }
  });
});
