import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, describe } from "node:test";

import type { Browser } from "playwright-core";

import { launchBrowser, Tab } from "./harness/browser";
import { makeClip, publish, type Clip } from "./harness/clip";
import { Program } from "./harness/program";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { until } from "./harness/wait";

/// What a newcomer does: the first configuration as it is, and every word that the README and the page say.

const kRoot = resolve(import.meta.dirname, "../..");
const read = (file: string) => readFile(resolve(kRoot, file), "utf8");

let server: Server;
let browser: Browser;
let clip: Clip;

before(async () => {
  const first = await read("packaging/sluice.conf");
  const streams = first.replace(/^http 8080;/m, "").replace(/^rtmp 1935;/m, "");
  assert.equal(first.length - streams.length, "http 8080;rtmp 1935;".length, "the ports are those that the README says");
  server = await Server.start(streams);
  browser = await launchBrowser();
  clip = await makeClip({ frames: 500, gop: 50 });
});
after(async () => {
  await browser.close();
  await server.stop();
});

/// A command of ours as a newcomer runs it, with a film of his own and the port of this server.
function run(command: string): Program {
  const words = command.replace(/(movie|video)\.mp4/, clip.path).replace("rtmp://localhost/", `${server.rtmp}/`);
  return new Program("bash", ["-c", `exec ${words}`]);
}

/// Every address of the README's table of addresses answers for that stream.
async function isEverywhere(name: string): Promise<void> {
  const table = [...(await read("README.md")).matchAll(/`http:\/\/HOST:8080\/NAME([^`]*)`/g)].map(([, rest = ""]) => rest);
  assert.ok(table.length >= 5, `${table}`);
  for (const rest of table) {
    const answer = await server.get(`/${name}${rest}`);
    assert.equal(answer.status, 200, rest);
    await answer.body?.cancel();
  }
}

describe("the first minute", () => {
  scenario("the stream demo runs", async () => {
    await server.runs("demo");
    await isEverywhere("demo");
  });

  scenario("the README's command publishes live/mine, to all the README's addresses", async () => {
    const command = /^ffmpeg -re .*$/m.exec(await read("README.md"))?.[0] ?? "";
    const publisher = run(command);
    await server.runs("live/mine");
    await isEverywhere("live/mine");
    await publisher.end();
    await server.waits("live/mine");
  });

  scenario("what the page says for OBS publishes, and the page shows it", async () => {
    const tab = await Tab.open(browser, `${server.http}/`);
    const said = (label: string) => tab.page.locator(".copy-field", { hasText: label }).locator(".copy-text").innerText();
    await tab.page.getByLabel("Name of the stream").fill("camera 1");
    const publisher = publish(`${await said("Server")}/${await said("Stream key")}`, clip);
    await server.runs("live/camera-1");
    await tab.page.getByRole("link", { name: "live/camera-1" }).click();
    await tab.shows(1);
    await publisher.end();
    await server.waits("live/camera-1");
    await tab.close();
  });

  scenario("the page's command for ffmpeg publishes, with the name that stands there", async () => {
    const tab = await Tab.open(browser, `${server.http}/`);
    const command = await tab.page.locator(".copy-field", { hasText: "Command" }).locator(".copy-text").innerText();
    await tab.close();
    const publisher = run(command);
    await server.runs("live/mine");
    await publisher.end();
  });

  scenario("the page offers to publish the stream that is looked at, with its password", async () => {
    const other = await Server.start(`stream studio { input publish://; password secret; }
      template live { prefix live; input publish://; } template any { prefix ""; input publish://; }`);
    const tab = await Tab.open(browser, `${other.http}/#studio`);
    const said = (label: string) => tab.page.locator(".copy-field", { hasText: label }).locator(".copy-text").innerText();
    const asked = async () => [(await said("Server")).replace(other.rtmp, ""), await said("Stream key")];
    assert.deepEqual(await asked(), ["/static", "studio?password=PASSWORD"]);
    const publisher = publish(`${await said("Server")}/${(await said("Stream key")).replace("PASSWORD", "secret")}`, clip);
    await other.runs("studio");
    await publisher.end();
    await tab.page.getByLabel("Where to publish").selectOption("live/…");
    assert.deepEqual(await asked(), ["/live", "mine"]);
    await tab.page.getByLabel("Where to publish").selectOption("…");
    await tab.page.getByLabel("Name of the stream").fill("anything");
    assert.deepEqual(await asked(), ["/static", "anything"]);
    await tab.close();
    await other.stop();
  });

  scenario("the addresses on the page play", async () => {
    const tab = await Tab.open(browser, `${server.http}/#demo`);
    const links = tab.page.locator("[aria-labelledby=addresses-title] .copy-text");
    await links.first().waitFor();
    const urls = (await links.allInnerTexts()).filter((text) => text.startsWith("http"));
    assert.ok(urls.length >= 5, `${urls}`);
    for (const url of urls) {
      const answer = await until(url, async () => fetch(url));
      assert.equal(answer.status, 200, url);
      await answer.body?.cancel();
    }
    await tab.close();
  });
});
