import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { kPhone, launchBrowser, Tab } from "./harness/browser";
import { scenario } from "./harness/scenario";
import { Server } from "./harness/server";
import { until } from "./harness/wait";

/// The landing page and the console in Chromium, on the built server: what they show, and that what they do takes effect.
/// A complaint in the browser's console fails the test, a violation of the pages' own security policy among them.

const kUser = "admin";
const kPassword = "gate keeper";
const kAuthorization = { authorization: `Basic ${btoa(`${kUser}:${kPassword}`)}` };
const kApi = "/streamer/api/v3";

let server: Server;
let browser: Browser;

before(async () => {
  server = await Server.start(`
    edit_auth ${kUser} "${kPassword}";
    view_auth guest look;
    stream demo { input fake://fake?width=320&height=180; segment_duration 2; title "Test picture"; }
    stream studio/second { input fake://fake?width=640&height=360&fps=30; segment_duration 2; }
    template events { prefix events/of-the-day; input publish://; }
    stream spare { input publish://; title "<img src=x onerror=alert(1)>"; }`);
  browser = await launchBrowser();
  await until("pictures", async () => (await server.get("/demo/index.m3u8")).ok && (await server.get("/studio/second/index.m3u8")).ok);
});
after(async () => {
  await browser.close();
  await server.stop();
});

/// Keeps a picture of the page where SHOTS names a folder.
async function shoot(tab: Tab, name: string): Promise<void> {
  const folder = process.env["SHOTS"];
  if (folder) await tab.page.screenshot({ path: `${folder}/${name}.png` });
}

/// A page that must be without complaint when it is closed.
async function visit(path: string, options: BrowserContextOptions, work: (tab: Tab, page: Page) => Promise<void>): Promise<void> {
  const tab = await Tab.open(browser, server.http + path, options);
  try {
    await work(tab, tab.page);
    assert.deepEqual(tab.errors, []);
    assert.deepEqual(tab.console, []);
    assert.ok(tab.requests.every((url) => url.startsWith(server.http) || url.startsWith("blob:")), "nothing comes from elsewhere");
  } finally {
    await tab.close();
  }
}

async function signIn(page: Page, user = kUser, password = kPassword): Promise<void> {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/// A page of the console, for somebody who has signed in.
function inside(hash: string, work: (tab: Tab, page: Page) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> {
  return visit(`/admin${hash}`, options, async (tab, page) => {
    await signIn(page);
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    await work(tab, page);
  });
}

const plays = (page: Page) => page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 1 && document.querySelector("[data-phase=live]") !== null);

const api = (path: string, init: RequestInit = {}) => server.get(kApi + path, { ...init, headers: { ...kAuthorization, ...init.headers } });

/// Forgets what a scenario expects the browser to complain about: a refused login is an error to it.
function expectRefusals(tab: Tab, status: number): void {
  const expected = tab.console.filter((line) => line.includes(`status of ${status}`));
  assert.notEqual(expected.length, 0);
  tab.console.splice(0, tab.console.length, ...tab.console.filter((line) => !expected.includes(line)));
}

describe("the landing page", () => {
  for (const [size, options] of [["desktop", {}], ["phone", kPhone]] as const) {
    scenario(`shows everybody what is on air and plays it, on a ${size}`, () =>
      visit("/", options, async (tab, page) => {
        await page.getByRole("link", { name: /Test picture/ }).waitFor();
        await plays(page);
        await page.getByRole("link", { name: /studio\/second/ }).click();
        await until("the second stream", () => page.evaluate(() => document.querySelector("video")?.videoWidth === 640));
        await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
        assert.ok(!tab.requests.some((url) => url.includes("/api/")), "who has no login asks for the public list alone");
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize()?.width, "nothing is wider than the screen");
        await shoot(tab, `landing-${size}`);
      }),
    );
  }

  scenario("gives addresses with one click, and they are right", () =>
    visit("/#demo", { permissions: ["clipboard-read", "clipboard-write"] }, async (_, page) => {
      const copied = async (label: string) => {
        await page.getByRole("button", { name: `Copy ${label}`, exact: true }).click();
        return page.evaluate(() => navigator.clipboard.readText());
      };
      for (const label of ["HLS", "Low-latency HLS"]) assert.match(await (await fetch(await copied(label))).text(), /^#EXTM3U/);
      for (const label of ["MPEG-TS", "HTTP-FLV"]) {
        const response = await fetch(await copied(label));
        assert.equal(response.status, 200);
        await response.body?.cancel();
      }
      assert.equal(await copied("RTMP"), `${server.rtmp}/static/demo`);
      await page.getByText("Copied").first().waitFor();
    }),
  );

  scenario("is light or dark as the device is, or as somebody chooses", () =>
    visit("/#demo", { colorScheme: "dark" }, async (tab, page) => {
      const isDark = () => page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.documentElement).backgroundColor)?.[0]) < 60);
      const choose = page.getByRole("button", { name: /^Colours/ });
      assert.equal(await isDark(), true);
      await shoot(tab, "landing-dark");
      await choose.click();
      assert.equal(await isDark(), false);
      await page.reload();
      assert.equal(await isDark(), false, "and it stays so");
      await choose.click();
      assert.equal(await isDark(), true);
    }),
  );
});

describe("the login", () => {
  scenario("says that a password is wrong, lets the right one in, and is kept for the tab", () =>
    visit("/admin", {}, async (tab, page) => {
      await shoot(tab, "login");
      await signIn(page, kUser, "wrong");
      await page.getByRole("alert").getByText("User or password is wrong.").waitFor();
      expectRefusals(tab, 403);
      await signIn(page);
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      assert.deepEqual(await page.context().cookies(), []);
      assert.equal(await page.evaluate(() => JSON.stringify(localStorage).includes("Basic")), false);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("User").waitFor();
      await page.reload();
      await page.getByLabel("User").waitFor();
    }),
  );

  scenario("says that the server does not answer, and shows what was there until it does", async () => {
    const other = await Server.start("stream demo { input fake://fake?width=320&height=180; }");
    const tab = await Tab.open(browser, `${other.http}/admin#/streams`);
    await tab.page.getByRole("link", { name: "demo" }).waitFor();
    await tab.page.route("**/api/**", (route) => route.abort());
    await tab.page.getByRole("alert").getByText("The server does not answer").waitFor();
    await tab.page.getByRole("link", { name: "demo" }).waitFor();
    await tab.page.unroute("**/api/**");
    await tab.page.getByRole("alert").waitFor({ state: "detached" });
    await tab.close();
  });

  scenario("says that it expired, and asks again", async () => {
    const other = await Server.start(`edit_auth ${kUser} "${kPassword}"; stream demo { input publish://; }`);
    const tab = await Tab.open(browser, `${other.http}/admin#/streams`);
    await signIn(tab.page);
    await tab.page.getByRole("link", { name: "demo" }).waitFor();
    const text = await (await other.get(`${kApi}/config`, { headers: { ...kAuthorization, accept: "text/plain" } })).text();
    const changed = await other.get(`${kApi}/config`, {
      method: "PUT",
      headers: { ...kAuthorization, "content-type": "text/plain" },
      body: text.replace(/edit_auth [^;]*;/, "edit_auth admin another;"),
    });
    assert.equal(changed.status, 200);
    await tab.page.getByText("The server no longer takes this login.").waitFor();
    await signIn(tab.page, kUser, "another");
    await tab.page.getByRole("heading", { name: "Streams" }).waitFor();
    await tab.close();
  });
});

describe("the console", () => {
  scenario("shows the server at a glance", () =>
    inside("#/overview", async (tab, page) => {
      await page.getByText("of 3", { exact: true }).waitFor();
      await page.getByRole("img", { name: /^Traffic: Output .*bit\/s, Input .*bit\/s$/ }).waitFor();
      await page.getByRole("img", { name: /^Load by shard: Shard 0 [\d.]+ %/ }).waitFor();
      await page.getByRole("region", { name: "Off air" }).getByRole("link", { name: "<img src=x onerror=alert(1)>" }).waitFor();
      await shoot(tab, "overview");
    }),
  );

  scenario("finds and sorts streams", () =>
    inside("#/streams", async (tab, page) => {
      const names = () => page.getByRole("table").locator("tbody tr td:first-child a").allTextContents();
      await until("three streams", async () => (await names()).length === 3);
      await page.getByRole("button", { name: "Bitrate" }).click();
      await until("the highest bitrate first", async () => {
        const rates = await page.getByRole("table").locator("tbody tr td:nth-child(4)").allTextContents();
        return rates.length === 3 && rates[2] === "–" && Number.parseInt(rates[0] ?? "") >= Number.parseInt(rates[1] ?? "");
      });
      await shoot(tab, "streams");
      await page.getByLabel("Find by name, title or address").fill("second");
      await until("the one that was looked for", async () => (await names()).join() === "studio/second");
      assert.match(page.url(), /q=second/);
      await page.reload();
      await until("the same after a reload", async () => (await names()).join() === "studio/second");
      await page.getByLabel("Find by name, title or address").fill("nosuch");
      await page.getByText("Nothing found").waitFor();
    }),
  );

  scenario("shows a stream: its picture, its tracks, its input", () =>
    inside("#/streams/demo", async (tab, page) => {
      await plays(page);
      await page.getByText("H.264").first().waitFor();
      await page.getByText("320×180").waitFor();
      await page.getByRole("region", { name: "Inputs" }).getByText("fake://fake").waitFor();
      await shoot(tab, "stream");
    }),
  );

  scenario("closes a session, and that viewer's stream ends", () =>
    inside("#/sessions", async (tab, page) => {
      const response = await fetch(`${server.http}/demo/mpegts`, { headers: { "user-agent": "set-top box 7" } });
      const ended = response.arrayBuffer().catch(() => "cut off"); // which is ended, too
      const row = page.getByRole("row").filter({ hasText: "set-top box 7" });
      await row.waitFor();
      await shoot(tab, "sessions");
      const button = row.getByRole("button", { name: /Close/ });
      await button.click();
      await page.keyboard.press("Escape");
      await row.getByText("Close", { exact: true }).waitFor(); // Escape takes it back
      await button.click();
      await row.getByText("Close it?").click();
      await ended;
      await row.waitFor({ state: "detached" });
    }),
  );

  scenario("makes, changes and deletes a stream, in the configuration and in force", () =>
    inside("#/new", async (tab, page) => {
      await page.getByLabel("Name", { exact: true }).fill("made/here");
      await page.getByLabel("Input 1", { exact: true }).fill("nosuch://x");
      await page.getByRole("button", { name: "Create" }).click();
      await page.locator(".input-field [role=alert]").waitFor();
      await shoot(tab, "stream-form-error");
      expectRefusals(tab, 400);
      await page.getByLabel("Input 1", { exact: true }).fill("fake://fake?width=320&height=180");
      await page.getByRole("button", { name: "Create" }).click();
      await page.getByRole("heading", { name: "made/here" }).waitFor();
      await plays(page);

      await page.getByRole("link", { name: "Edit" }).click();
      await page.getByLabel("Title", { exact: true }).fill("Made here");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { name: "Made here", level: 1 }).waitFor();
      const text = await (await api("/config", { headers: { accept: "text/plain" } })).text();
      assert.match(text, /stream made\/here \{[^}]*title "Made here";/);

      await page.getByRole("button", { name: "Delete the stream" }).click();
      await page.getByText("Delete it?").click();
      await page.getByRole("heading", { name: "Streams" }).waitFor();
      assert.equal((await api("/streams/made%2Fhere")).status, 404);
    }),
  );

  scenario("marks an error in the configuration where it is, and saves what is sound", () =>
    inside("#/config", async (tab, page) => {
      const editor = page.getByRole("textbox", { name: "Configuration" });
      const before = await editor.inputValue();
      const lines = before.trimEnd().split("\n");
      await editor.fill(`${lines.join("\n")}\nstream added { inptu publish://; }\n`);
      const problem = page.getByRole("button", { name: new RegExp(`^${lines.length + 1}:16`) });
      await problem.waitFor();
      assert.equal(await page.locator(".editor-numbers .is-wrong").textContent(), String(lines.length + 1));
      assert.equal(await page.getByRole("button", { name: "Save", exact: true }).isDisabled(), true);
      await problem.click();
      assert.equal(
        await editor.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionStart + 5)),
        "inptu",
        "the cursor is where the error is",
      );
      await shoot(tab, "config-error");
      expectRefusals(tab, 400);

      await editor.fill(`${lines.join("\n")}\n\n# kept as it is\nstream added { input publish://; }\n`);
      await page.getByText("Sound, not saved yet").waitFor();
      await page.keyboard.press("Control+s");
      await page.getByText(/^Saved and in force/).waitFor();
      const streams = (await (await server.get("/-/streams")).json()) as { streams: { name: string }[] };
      assert.ok(streams.streams.some(({ name }) => name === "added"));
      assert.match(await (await api("/config", { headers: { accept: "text/plain" } })).text(), /# kept as it is/);
      await shoot(tab, "config");
    }),
  );

  scenario("does not save over what somebody else wrote meanwhile, unless told to", () =>
    inside("#/config", async (_, page) => {
      const editor = page.getByRole("textbox", { name: "Configuration" });
      const before = await editor.inputValue();
      assert.equal((await api("/config", { method: "PUT", headers: { "content-type": "text/plain" }, body: `${before}\n# theirs\n` })).status, 200);
      await editor.fill(`${before}\n# mine\n`);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("Somebody else changed the file").waitFor();
      await page.getByRole("button", { name: "Load theirs" }).click();
      await until("their text", async () => (await editor.inputValue()).includes("# theirs"));
      await page.getByText("In force").waitFor();
    }),
  );

  scenario("shows who may only look what there is, and says what he may not", () =>
    visit("/admin#/sessions", {}, async (tab, page) => {
      await signIn(page, "guest", "look");
      const response = await fetch(`${server.http}/demo/mpegts`, { headers: { "user-agent": "untouched" } });
      const row = page.getByRole("row").filter({ hasText: "untouched" });
      await row.getByRole("button", { name: /Close/ }).click();
      await row.getByText("Close it?").click();
      await page.getByRole("alert").getByText("This login may not do that").waitFor();
      expectRefusals(tab, 403);
      await page.getByRole("heading", { name: "Sessions" }).waitFor();
      await response.body?.cancel();
    }),
  );

  scenario("works by keyboard alone", () =>
    visit("/admin", {}, async (tab, page) => {
      await page.keyboard.type(kUser); // the field has the focus
      await page.keyboard.press("Tab");
      await page.keyboard.type(kPassword);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute("aria-label"));
      const tabTo = (wanted: string) =>
        until(`the focus on ${wanted}`, async () => {
          if ((await focused()) === wanted) return true;
          await page.keyboard.press("Tab");
          return false;
        });
      await tabTo("Skip to the page");
      await tabTo("Streams");
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
      assert.notEqual(outline, "none", "one sees where the focus is");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Streams" }).waitFor();
      await tabTo("Find by name, title or address");
      await page.keyboard.type("demo");
      await tabTo("Test picture");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Test picture" }).waitFor();
      await tabTo("Delete");
      await page.keyboard.press("Enter");
      await tabTo("Delete it?");
      await page.keyboard.press("Escape");
      await tabTo("Delete");
      await shoot(tab, "keyboard");
    }),
  );

  for (const colorScheme of ["light", "dark"] as const) {
    scenario(`fits a phone, ${colorScheme}`, () =>
      inside(
        "#/overview",
        async (tab, page) => {
          for (const [hash, heading] of [["overview", "Overview"], ["streams", "Streams"], ["streams/demo", "Test picture"], ["streams/demo/edit", "Edit demo"], ["sessions", "Sessions"], ["config", "Configuration"]] as const) {
            await page.evaluate((to) => (location.hash = `#/${to}`), hash);
            await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
            assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize()?.width, `${hash} is not wider than the screen`);
            await shoot(tab, `phone-${colorScheme}-${hash.replaceAll("/", "-")}`);
          }
        },
        { ...kPhone, colorScheme },
      ),
    );
  }
});

scenario("5,000 streams are found at once, page by page", async () => {
  const many = Array.from({ length: 5000 }, (_, i) => `stream cam/${String(i).padStart(4, "0")} { input publish://; }`).join("\n");
  const other = await Server.start(many);
  const tab = await Tab.open(browser, `${other.http}/admin#/streams`);
  const { page } = tab;
  await page.getByText("5,000 streams").waitFor();
  const rows = page.getByRole("table").locator("tbody tr");
  assert.equal(await rows.count(), 50);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("link", { name: "cam/0050" }).waitFor();
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByRole("link", { name: "cam/0000" }).waitFor();
  await page.getByLabel("Find by name, title or address").fill("4711");
  await page.getByRole("link", { name: "cam/4711" }).waitFor();
  await page.getByText("1 stream", { exact: true }).waitFor();
  assert.deepEqual(tab.console, []);
  await tab.close();
});
