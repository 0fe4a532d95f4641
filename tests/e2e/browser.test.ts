import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import type { Browser } from "playwright-core";

import { complaints, HlsJsSite, kPhone, launchBrowser, Tab } from "./harness/browser";
import { loadMedia } from "./harness/playlist";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { Viewer } from "./harness/viewer";
import { until } from "./harness/wait";

/// The pages in Chromium, and hls.js and Chromium's own HLS player without them.

const kFps = 25;
const kInStep = 0.2; // seconds
let server: Server;
let browser: Browser;
let site: HlsJsSite;
let edge: Viewer; // sees what is on air now

before(async () => {
  server = await Server.start(`
    stream demo { input fake://fake?width=320&height=180; segment_duration 2; title "Test picture"; }
    stream studio/second { input fake://fake?width=640&height=360&fps=30; segment_duration 2; }`);
  [browser, site] = [await launchBrowser(), await HlsJsSite.start()];
  await until("segments", async () => (await loadMedia(`${server.http}/demo/index.m3u8`)).segments.length >= 3);
  edge = new Viewer(`${server.http}/demo/mpegts`);
  await edge.sees(1);
});
after(async () => {
  await browser.close();
  site.stop();
  await server.stop();
});

/// Waits until as much as `seconds` of the stream has been shown, with the pictures in step with the player's own time. How
/// long that takes is a matter of the machine.
async function assertPlays(tab: Tab, seconds: number, fps = kFps): Promise<void> {
  await tab.shows(1);
  const past: Awaited<ReturnType<Tab["shown"]>>[] = [];
  const moves = async () => {
    const now = await tab.shown();
    if (now.number < 0) return false;
    past.push(now);
    return past.some(({ number, time }) => {
      const shown = (now.number - number) / fps;
      return shown >= seconds && Math.abs(shown - (now.time - time)) < kInStep;
    });
  };
  await until(`${seconds} s of play in ${tab.page.url()}`, moves, () => tab.errors.length > 0);
  const numbers = past.map(({ number }) => number);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b), "pictures in their order");
  assert.deepEqual(tab.errors, []);
}

/// Waits until the picture is less than 3 s behind what is on air: players catch up with what a busy machine cost them.
async function assertNear(tab: Tab): Promise<void> {
  let behind = Number.NaN;
  const near = async () => {
    const number = await tab.shows(1);
    behind = ((edge.numbers.at(-1) ?? Number.NaN) - number) / kFps;
    return behind < 3;
  };
  await until("the edge", near).catch((error: Error) => assert.fail(`${error.message}: ${behind} s behind`));
}

/// Keeps a picture of the page where SHOTS names a folder.
async function shoot(tab: Tab, name: string): Promise<void> {
  const folder = process.env["SHOTS"];
  if (folder) await tab.page.screenshot({ path: `${folder}/${name}.png` });
}

describe("the page of all streams", () => {
  for (const [size, options] of [["desktop", {}], ["phone", kPhone]] as const) {
    scenario(`lists the streams and plays the one that is chosen, on a ${size}`, async () => {
      const tab = await Tab.open(browser, `${server.http}/`, options);
      await tab.page.getByText("Test picture").first().waitFor();
      await tab.page.getByText("studio/second").first().waitFor();
      await shoot(tab, `index-${size}`);
      await tab.page.getByText("studio/second").first().click();
      await until("the second stream", () => tab.page.evaluate(() => document.querySelector("video")?.videoWidth === 640));
      await assertPlays(tab, 2, 30);
      await shoot(tab, `index-plays-${size}`);
      await tab.close();
    });
  }
});

describe("the embedded player", () => {
  scenario("plays", async () => {
    const tab = await Tab.open(browser, `${server.http}/demo/embed.html`);
    await assertPlays(tab, 3);
    await shoot(tab, "embed-desktop");
    await tab.close();
  });

  scenario("plays a name with a slash, on a phone", async () => {
    const tab = await Tab.open(browser, `${server.http}/studio/second/embed.html`, kPhone);
    await assertPlays(tab, 2, 30);
    await shoot(tab, "embed-phone");
    await tab.close();
  });

  scenario("with realtime=true plays parts, less than 3 s behind", async () => {
    const tab = await Tab.open(browser, `${server.http}/demo/embed.html?realtime=true`);
    await assertPlays(tab, 4);
    await assertNear(tab);
    const asked = (what: RegExp) => tab.requests.filter((url) => what.test(url)).length;
    await until("reloads of playlists by part", () => asked(/[?&]_HLS_msn=\d+&_HLS_part=\d+/) > 5);
    await until("parts", () => asked(/\/part-/) > 5);
    await shoot(tab, "embed-realtime");
    await tab.close();
  });

  scenario("says that a stream does not exist", async () => {
    const tab = await Tab.open(browser, `${server.http}/nobody/embed.html`);
    await until("a word about it", async () => (await tab.page.locator("body").innerText()).trim() !== "");
    assert.equal(await tab.number(), -1);
    await shoot(tab, "embed-missing");
    await tab.close();
  });
});

describe("players of others", () => {
  /// Its buffer ran out: the machine was slow for a moment. What holds a player up in the media is complained about by other
  /// names as well (bufferSeekOverHole, bufferNudgeOnStall).
  const kTooSlow = /^mediaError: bufferStalledError: /;
  const kForms = [
    ["index.m3u8", "hls.js"],
    ["index.ts.m3u8", "hls.js"],
    ["index.fmp4.m3u8", "hls.js"],
    ["index.ll.m3u8", "low latency"],
    ["index.ll.m3u8", "hls.js"],
    ["index.m3u8", "native"],
    ["index.fmp4.m3u8", "native"],
    ["index.ll.m3u8", "native"],
  ] as const;
  for (const [form, how] of kForms) {
    scenario(`${how === "native" ? "Chromium itself" : how === "hls.js" ? "hls.js" : "hls.js with low latency"} plays ${form} without a complaint`, async () => {
      const tab = await Tab.open(browser, site.plays(`${server.http}/demo/${form}`, how));
      await assertPlays(tab, 3);
      assert.deepEqual((await complaints(tab)).filter((text) => !kTooSlow.test(text)), []);
      if (how === "low latency") await assertNear(tab);
      await tab.close();
    });
  }
});
