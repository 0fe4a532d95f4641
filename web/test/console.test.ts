import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium, type Browser, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { kBrowserOptions } from "./browser";
import { MockServer } from "./mock_server";
import { programmeList } from "./programme";

/// The built console in Debian's Chromium, against a mock of the API. Whatever the browser complains about, fails.

let dist: string;
let browser: Browser;
let server: MockServer;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), "sluice-console-"));
  await build({ logLevel: "error", build: { outDir: dist, emptyOutDir: true } });
  browser = await chromium.launch(kBrowserOptions);
});

afterAll(async () => {
  await browser?.close();
  await rm(dist, { recursive: true, force: true });
});

beforeEach(async () => {
  complaints = [];
  server = new MockServer(dist);
  server.api.streams = programmeList;
  await server.start();
});

afterEach(async () => {
  await page.context().close();
  await server.stop();
  expect(complaints).toEqual([]);
});

async function open(hash: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(`${server.origin}/admin${hash}`);
}

/// The browser itself complains about each answer that refuses.
function refusals(status: number): number {
  const before = complaints.length;
  complaints = complaints.filter((text) => !text.includes(`status of ${status}`));
  return before - complaints.length;
}

describe("the login", () => {
  beforeEach(() => {
    server.api.closed = true;
  });

  it("refuses a wrong password, takes the right one, and is asked for again when it no longer holds", async () => {
    await open("#/streams");
    const signIn = async (password: string) => {
      await page.getByLabel("User").fill("admin");
      await page.getByLabel("Password").fill(password);
      await page.keyboard.press("Enter");
    };
    await signIn("wrong");
    await page.getByRole("alert").getByText("User or password is wrong.").waitFor();
    expect(refusals(403)).toBe(1);
    await signIn("gate");
    await page.getByRole("link", { name: "Main studio" }).waitFor();
    server.api.password = "another";
    await page.getByRole("alert").getByText("no longer takes this login").waitFor();
    expect(refusals(403)).toBeGreaterThan(0);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("says that nobody answers", async () => {
    await open("");
    await page.getByLabel("User").fill("admin");
    await page.getByLabel("Password").fill("gate");
    await page.route("**/api/**", (route) => route.abort());
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("The server does not answer").waitFor();
    complaints = complaints.filter((text) => !text.includes("net::ERR_FAILED"));
  });
});

describe("lists", () => {
  it("go from page to page, and back to the first when something is looked for", async () => {
    await open("#/sessions");
    await page.getByText("212 sessions").waitFor();
    const first = () => page.getByRole("table").locator("tbody tr:first-child .cell-mono").textContent();
    const atFirst = await first();
    await page.getByRole("button", { name: "Next" }).click();
    await expect.poll(first).not.toBe(atFirst);
    await page.getByLabel("What they do").selectOption("play");
    await page.getByText("211 sessions").waitFor();
    expect(page.url()).not.toContain("cursor");
    expect(await page.getByRole("button", { name: "Back" }).isDisabled()).toBe(true);
    await page.getByLabel("Protocol").selectOption("rtmp");
    await page.getByText(/^4\d sessions$/).waitFor();
    expect(await page.getByRole("button", { name: "Back" }).count()).toBe(0); // all of them are on one page
  });

  it("tell a screen reader by what they are sorted", async () => {
    await open("#/streams");
    const header = (name: string) => page.getByRole("columnheader", { name });
    await header("Bitrate").getByRole("button").click();
    await expect.poll(() => header("Bitrate").getAttribute("aria-sort")).toBe("descending");
    expect(await header("Stream").getAttribute("aria-sort")).toBe("none");
    await expect.poll(() => server.requests.filter(({ path }) => path.endsWith("/streams")).at(-1)?.query.get("sort")).toBe("-stats.bitrate");
    await header("Bitrate").getByRole("button").click();
    await expect.poll(() => header("Bitrate").getAttribute("aria-sort")).toBe("ascending");
  });
});

describe("the editor", () => {
  it("marks an error at its line, keeps it from being saved, and saves what is sound", async () => {
    await open("#/config");
    const editor = page.getByRole("textbox", { name: "Configuration" });
    const sound = server.api.config;
    await editor.fill(sound.replace("segment_duration 4", "sgement_duration 4"));
    await page.getByRole("button", { name: /^15:3/ }).waitFor();
    expect(await page.locator(".editor-numbers .is-wrong").textContent()).toBe("15");
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    expect(refusals(400)).toBeGreaterThan(0);
    await editor.fill(sound.replace("segment_duration 4", "segment_duration 5"));
    await page.getByText("Sound, not saved yet").waitFor();
    await page.keyboard.press("Control+s");
    await page.getByText("Saved and in force").waitFor();
    expect(server.api.config).toContain("segment_duration 5");
  });

  it("draws of twenty thousand lines those in sight, and goes to an error far below", async () => {
    server.api.config = Array.from({ length: 20_000 }, (_, i) => `stream cam-${i} { input publish://; }`).join("\n");
    await open("#/config");
    const editor = page.getByRole("textbox", { name: "Configuration" });
    await editor.press("Control+End");
    await page.keyboard.type("\nsgement_duration 4;\n"); // fill() takes Chromium minutes for so many lines, in any text area
    await editor.press("Control+Home");
    await page.getByRole("button", { name: /^20001:1/ }).click();
    await page.locator(".editor-line.is-wrong").getByText("sgement_duration").waitFor();
    expect(await page.locator(".editor-line.is-wrong").isVisible()).toBe(true);
    expect(await page.locator(".editor-line").count()).toBeLessThan(200);
    expect(await page.locator(".editor-line").getByText("stream", { exact: true }).first().getAttribute("class")).toBe("is-directive");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByText("In force").waitFor();
    expect(refusals(400)).toBeGreaterThan(0);
  });
});
