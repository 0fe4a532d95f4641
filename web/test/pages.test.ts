import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { kBrowserOptions, kStrictBrowserOptions } from "./browser";
import { emptyList, MockServer } from "./mock_server";
import { addProgramme, programmeList } from "./programme";

/// The built pages in Debian's Chromium, against a mock of the server with live streams.

let dist: string;
let browser: Browser;
let server: MockServer;

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), "sluice-web-"));
  await build({ logLevel: "error", build: { outDir: dist, emptyOutDir: true } });
  server = new MockServer(dist);
  await addProgramme(server);
  browser = await chromium.launch(kBrowserOptions);
});

afterAll(async () => {
  await browser?.close();
  await rm(dist, { recursive: true, force: true });
});

let page: Page;
let errors: string[];

async function open(path: string, options: BrowserContextOptions = {}, inBrowser = browser): Promise<Page> {
  const context = await inBrowser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  page = await context.newPage();
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(server.origin + path);
  return page;
}

beforeEach(async () => {
  errors = [];
  server.requests.length = 0;
  server.tokens.clear();
  server.api.streams = programmeList;
  await server.start();
});

afterEach(async () => {
  await page.context().close();
  await server.stop();
  expect(errors).toEqual([]);
});

/// The picture moves, and has moved on by at least `seconds` when this returns.
async function plays(seconds = 0.5): Promise<void> {
  await page.waitForFunction(() => document.querySelector("[data-phase=live]") !== null);
  const from = await page.evaluate(() => document.querySelector("video")?.currentTime ?? 0);
  await page.waitForFunction((until) => (document.querySelector("video")?.currentTime ?? 0) >= until, from + seconds);
}

/// Opens the settings, whose button is hidden from a viewer who rests.
async function openSettings() {
  await page.mouse.move(400, 300);
  await page.mouse.move(410, 310);
  await page.getByLabel("Settings").click();
  const menu = page.getByRole("menu");
  await menu.locator(":focus").waitFor();
  return menu;
}

const asked = (path: RegExp) => server.requests.filter((request) => path.test(request.path));
const phaseIs = (phase: string) => page.waitForSelector(`[data-phase=${phase}]`);
const loadedOnce = () => expect(asked(/embed\.html$/)).toHaveLength(1);

describe("the embedded player", () => {
  it("plays HLS, for a name with slashes, with the parameters of its address", async () => {
    server.tokens.set("studio/main", "s&cret");
    await open("/studio/main/embed.html?token=s%26cret&autoplay=true");
    await plays();
    expect(await page.title()).toBe("studio/main");
    expect(asked(/index\.m3u8$/)[0]?.query.toString()).toBe("token=s%26cret");
    expect(asked(/\.ll\.m3u8$/)).toEqual([]);
    expect(await page.evaluate(() => document.querySelector("video")?.videoHeight)).toBeGreaterThanOrEqual(180);
  });

  it("plays LL-HLS by its parts, less than 3 s behind", async () => {
    await open("/harbour-cam/embed.html?realtime=true");
    await plays(2);
    expect(asked(/\.ll\.m3u8$/).some(({ query }) => query.has("_HLS_part"))).toBe(true);
    expect(asked(/\d+\.\d\.m4s$/).length).toBeGreaterThan(2);
    const badge = page.locator(".live-badge");
    await badge.waitFor();
    await expect.poll(() => badge.locator(".live-latency").textContent().then((text) => Number.parseFloat(text ?? ""))).toBeLessThan(3);
    expect(await badge.locator(".live-word").textContent()).toBe("LIVE");
  });

  it("offers qualities, languages and subtitles, by mouse and by keys", async () => {
    await open("/studio/main/embed.html");
    await plays();
    let menu = await openSettings();
    expect(await menu.getByRole("menuitemradio").allTextContents()).toEqual(["Automatic", "360p", "180p", "English", "German", "Off", "English"]);
    await menu.getByRole("menuitemradio", { name: "180p" }).click();
    await page.waitForFunction(() => document.querySelector("video")?.videoHeight === 180);

    menu = await openSettings();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() =>
      [...(document.querySelector("video")?.textTracks ?? [])].some(({ mode, activeCues }) => mode === "showing" && (activeCues?.length ?? 0) > 0),
    );

    menu = await openSettings();
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Settings");
  });

  it("obeys keys", async () => {
    await open("/harbour-cam/embed.html");
    await plays();
    const video = (property: "paused" | "muted" | "volume" | "currentTime") =>
      page.evaluate((name) => document.querySelector("video")?.[name], property);
    await page.keyboard.press("Space");
    expect(await video("paused")).toBe(true);
    const before = Number(await video("currentTime"));
    await page.keyboard.press("ArrowLeft");
    expect(Number(await video("currentTime"))).toBeLessThan(before);
    await page.keyboard.press("k");
    await plays();
    await page.keyboard.press("m");
    expect(await video("muted")).toBe(true);
    await page.keyboard.press("ArrowUp");
    expect(await video("muted")).toBe(false);
    expect(await video("volume")).toBeCloseTo(0.1);
    await page.keyboard.press("f");
    await page.waitForFunction(() => document.fullscreenElement !== null);
    await page.keyboard.press("f");
    await page.waitForFunction(() => document.fullscreenElement === null);
  });

  it("has neither controls nor keys with controls=false", async () => {
    await open("/harbour-cam/embed.html?controls=false&muted=true");
    await plays();
    expect(await page.getByRole("button").count()).toBe(0);
    await page.keyboard.press("Space");
    await plays();
  });

  it("waits for a tap with autoplay=false", async () => {
    await open("/harbour-cam/embed.html?autoplay=false");
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await plays();
    expect(await page.evaluate(() => document.querySelector("video")?.muted)).toBe(false);
  });

  it("begins silently where the browser wants a tap for sound, and asks for the tap", async () => {
    const strict = await chromium.launch(kStrictBrowserOptions);
    onTestFinished(() => strict.close());
    await open("/licenses.txt", {}, strict);
    // Whatever Playwright evaluates in a page counts as a tap there, so the page tells by itself.
    await page.addInitScript(() => document.addEventListener("volumechange", () => console.info("volumechange"), true));
    const silenced = page.waitForEvent("console", (message) => message.text() === "volumechange");
    await page.goto(`${server.origin}/harbour-cam/embed.html`);
    await silenced;
    await plays();
    const muted = () => page.evaluate(() => document.querySelector("video")?.muted);
    expect(await muted()).toBe(true);
    const tap = page.getByRole("button", { name: "Tap for sound" });
    await tap.click();
    expect(await muted()).toBe(false);
    await tap.waitFor({ state: "detached" });
    await plays();
  });

  it("waits for a stream that is not there, and shows it when it comes", async () => {
    const stream = server.streams.get("harbour-cam")!;
    await open("/late/embed.html");
    await page.getByText("Off air").waitFor();
    server.streams.set("late", stream);
    await plays();
    server.streams.delete("late");
    loadedOnce();
  });

  it.each(["", "?realtime=true"])("plays on after the server was killed and came back, with %j", async (query) => {
    const stream = server.streams.get("harbour-cam")!;
    await open(`/harbour-cam/embed.html${query}`);
    await plays();
    await server.stop();
    await phaseIs("reconnecting");
    await server.start();
    stream.start();
    await plays(); // how soon, the end-to-end tests say
    loadedOnce();
  });

  it("plays on when the publisher comes back", async () => {
    const stream = server.streams.get("harbour-cam")!;
    await open("/harbour-cam/embed.html?realtime=true");
    await plays();
    stream.stop();
    await page.getByText("Off air").waitFor();
    stream.start();
    await plays();
    loadedOnce();
  });

  it("says that a stream needs a permission, and tries again when asked to", async () => {
    server.tokens.set("radio", "secret");
    await open("/radio/embed.html?token=wrong");
    await page.getByText("No permission").waitFor();
    server.tokens.clear();
    await page.getByRole("button", { name: "Try again" }).click();
    await plays();
    await page.getByText("Audio only").waitFor();
  });
});

describe("the page of all streams", () => {
  it("plays the first running stream, silently, and any other that is chosen", async () => {
    await open("/");
    await plays();
    expect(await page.evaluate(() => document.querySelector("video")?.muted)).toBe(true);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Main studio");
    await page.getByRole("link", { name: /harbour-cam/ }).click();
    await page.waitForFunction(() => location.hash === "#harbour-cam");
    await plays();
    expect(asked(/harbour-cam\/index\.ll\.m3u8/)).not.toEqual([]);
    await page.getByText("Standard", { exact: true }).click();
    await expect.poll(() => asked(/harbour-cam\/index\.m3u8/).length).toBe(1);
    await plays();
    await page.goBack();
    await expect.poll(() => page.getByRole("heading", { level: 1 }).textContent()).toBe("Main studio");
  });

  it("shows what is known of a stream", async () => {
    await open("/#radio");
    const about = page.getByLabel("About the stream");
    await about.waitFor();
    expect(await about.innerText()).toMatch(/128 kbit\/s[^]*342[^]*1:15[^]*MP3[^]*44\.1 kHz · stereo · English/);
    await expect.poll(() => page.locator(".copy-text").first().textContent()).toBe(`${server.origin}/radio/index.m3u8`);
    expect(await page.locator(".copy-text").allTextContents()).toContain("rtmp://127.0.0.1/static/radio");
  });

  it("takes names and titles for text, whatever they hold", async () => {
    await open("/");
    await page.getByText("<img src=x onerror=alert(1)>").click();
    expect(await page.locator("img[src=x], #app b > b, .stream-name img").count()).toBe(0);
    await expect.poll(() => page.locator(".copy-text").first().textContent()).toBe(`${server.origin}/tests/%3Cb%3Ebold%3C/b%3E%26amp%3B/index.m3u8`);
  });

  it("explains how to begin where nothing runs, and shows a stream as soon as it does", async () => {
    server.api.streams = emptyList;
    await open("/");
    await page.getByText("Nothing is on air yet").waitFor();
    await page.getByLabel("Name of the stream").fill("front door");
    expect(await page.locator(".copy-text").allTextContents()).toEqual([
      "rtmp://127.0.0.1/live",
      "front-door",
      expect.stringMatching(/^ffmpeg .* rtmp:\/\/127\.0\.0\.1\/live\/front-door$/),
    ]);
    server.api.streams = programmeList;
    await plays();
  });

  it("copies, also without a secure context", async () => {
    await open("/#harbour-cam", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.getByLabel("Copy HLS", { exact: true }).click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${server.origin}/harbour-cam/index.m3u8`);
    await page.evaluate(() => Object.defineProperty(navigator.clipboard, "writeText", { value: () => Promise.reject(new Error("insecure")) }));
    await page.getByLabel("Copy RTMP").click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("rtmp://127.0.0.1/static/harbour-cam");
  });

  it("says that the server is away, and recovers", async () => {
    await open("/#harbour-cam");
    await plays();
    await server.stop();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("link", { name: /Main studio/ }).count()).toBe(1); // the list stays
    await server.start();
    await page.getByRole("alert").waitFor({ state: "detached" });
    await plays();
  });

  it("fits a phone: nothing is wider than the screen", async () => {
    await open("/", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    await plays();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });

  it("has the place for what the server writes into it exactly once", async () => {
    await open("/");
    const html = await (await page.request.get(`${server.origin}/`)).text();
    expect(html.split('{"rtmp_port":1935,"version":"","login":false,"publish":[{"prefix":"live","password":false}]}')).toHaveLength(2);
  });
});

it("the licences of what is bundled are there to be read", async () => {
  await open("/licenses.txt");
  const text = await page.innerText("body");
  expect(text).toMatch(/hls\.js 1\.[^]*Apache License[^]*preact 11\.[^]*MIT License/);
});
