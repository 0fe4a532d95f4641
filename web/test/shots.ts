import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { chromium, type Browser, type Page } from "playwright-core";

import { kBrowserOptions } from "./browser";
import { emptyList, MockServer } from "./mock_server";
import { addProgramme } from "./programme";

/// `npm run shots -- FOLDER`: pictures of the pages in desktop and phone size, light and dark, to be looked at.

const kDesktop = { width: 1440, height: 900 };
const kPhone = { width: 390, height: 844 };

const playing = (page: Page) =>
  page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0 && document.querySelector("[data-phase=live]") !== null);

async function shoot(
  browser: Browser,
  path: string,
  options: { url: string; size?: typeof kDesktop; dark?: boolean; fullPage?: boolean; prepare?: (page: Page) => Promise<unknown> },
): Promise<void> {
  const size = options.size ?? kDesktop;
  const context = await browser.newContext({
    viewport: size,
    colorScheme: options.dark ? "dark" : "light",
    reducedMotion: "reduce", // a picture of the page, not of its way there
    deviceScaleFactor: size === kPhone ? 2 : 1,
    hasTouch: size === kPhone,
    isMobile: size === kPhone,
  });
  const page = await context.newPage();
  await page.goto(options.url);
  await (options.prepare ?? playing)(page);
  await page.screenshot({ path, fullPage: options.fullPage ?? false });
  await context.close();
}

const folder = process.argv[3] ?? "shots";
await mkdir(folder, { recursive: true });
const server = new MockServer(fileURLToPath(new URL("../dist", import.meta.url)));
await addProgramme(server);
await server.start(0);
const browser = await chromium.launch(kBrowserOptions);
const { origin } = server;
const programme = server.api.streams;

const seen = (text: string) => (page: Page) => page.getByText(text).first().waitFor();
const withHistory = async (page: Page) => {
  await playing(page);
  await page.waitForFunction(() => (document.querySelector(".spark-line")?.getAttribute("d") ?? "").split("L").length > 6);
};
const hover = (page: Page) => page.locator(".player").first().hover({ position: { x: 200, y: 100 } });

for (const dark of [false, true]) {
  const tone = dark ? "dark" : "light";
  await shoot(browser, `${folder}/index-desktop-${tone}.png`, { url: `${origin}/`, dark, fullPage: true, prepare: withHistory });
  await shoot(browser, `${folder}/index-phone-${tone}.png`, { url: `${origin}/`, size: kPhone, dark });
  await shoot(browser, `${folder}/index-phone-full-${tone}.png`, { url: `${origin}/`, size: kPhone, dark, fullPage: true });
  server.api.streams = emptyList;
  await shoot(browser, `${folder}/empty-desktop-${tone}.png`, { url: `${origin}/`, dark, prepare: seen("Nothing is on air yet") });
  await shoot(browser, `${folder}/empty-phone-${tone}.png`, { url: `${origin}/`, size: kPhone, dark, prepare: seen("Nothing is on air yet") });
  server.api.streams = programme;
}
await shoot(browser, `${folder}/index-radio.png`, { url: `${origin}/#radio`, dark: true });
await shoot(browser, `${folder}/index-tablet.png`, { url: `${origin}/#harbour-cam`, size: { width: 820, height: 1180 }, prepare: withHistory });
await shoot(browser, `${folder}/embed-playing.png`, {
  url: `${origin}/studio/main/embed.html?realtime=true`,
  prepare: async (page) => {
    await playing(page);
    await hover(page);
    await page.locator(".live-badge").waitFor();
  },
});
await shoot(browser, `${folder}/embed-menu.png`, {
  url: `${origin}/studio/main/embed.html?realtime=true`,
  size: { width: 640, height: 360 },
  prepare: async (page) => {
    await playing(page);
    await hover(page);
    await page.getByLabel("Settings").click();
    await page.getByRole("menuitemradio", { name: "English" }).last().waitFor();
  },
});
await shoot(browser, `${folder}/embed-phone.png`, { url: `${origin}/harbour-cam/embed.html`, size: kPhone });
await shoot(browser, `${folder}/embed-small.png`, { url: `${origin}/harbour-cam/embed.html?realtime=true`, size: { width: 360, height: 203 } });
await shoot(browser, `${folder}/embed-offline.png`, { url: `${origin}/nobody/embed.html`, size: { width: 960, height: 540 }, prepare: seen("Off air") });
await shoot(browser, `${folder}/embed-idle.png`, { url: `${origin}/nobody/embed.html?autoplay=false`, size: { width: 960, height: 540 }, prepare: (page) => page.getByRole("button", { name: "Play", exact: true }).waitFor() });
server.tokens.set("radio", "secret");
await shoot(browser, `${folder}/embed-denied.png`, { url: `${origin}/radio/embed.html`, size: { width: 960, height: 540 }, prepare: seen("No permission") });


// The console.
server.tokens.clear();
const longEnough = (page: Page) => page.waitForTimeout(9_000); // for the graphs to be more than a point
const consolePages: [string, string, (page: Page) => Promise<unknown>][] = [
  ["overview", "#/overview", longEnough],
  ["streams", "#/streams", seen("Main studio")],
  ["stream", "#/streams/studio%2Fmain", playing],
  ["edit", "#/streams/studio%2Fmain/edit", seen("Always on")],
  ["sessions", "#/sessions", seen("212 sessions")],
  ["log", "#/log", seen("140 lines")],
  ["config", "#/config", seen("In force")],
];
for (const dark of [false, true]) {
  for (const size of [kDesktop, kPhone]) {
    const tone = `${size === kPhone ? "phone" : "desktop"}-${dark ? "dark" : "light"}`;
    for (const [name, hash, prepare] of consolePages) {
      await shoot(browser, `${folder}/console-${name}-${tone}.png`, { url: `${origin}/admin${hash}`, size, dark, prepare });
    }
    await shoot(browser, `${folder}/console-error-${tone}.png`, {
      url: `${origin}/admin#/config`,
      size,
      dark,
      prepare: async (page) => {
        await page.getByLabel("Configuration").fill(server.api.config.replace("segment_duration", "sgement_duration"));
        await page.getByText("1 error").waitFor();
      },
    });
  }
}
server.api.closed = true;
await shoot(browser, `${folder}/console-login.png`, { url: `${origin}/admin`, prepare: seen("Sign in to Sluice") });
await shoot(browser, `${folder}/index-closed.png`, { url: `${origin}/`, prepare: playing });

await browser.close();
await server.stop();
