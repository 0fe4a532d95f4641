import { readFile } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

import { numberOf } from "./viewer";
import { until } from "./wait";

/// Debian's Chromium, as root in a container, whose sound may begin without a tap.
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
  });
}

export const kPhone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/// A page in a browser, with what it complained about and what it asked for.
export class Tab {
  readonly page: Page;
  readonly errors: string[] = [];
  readonly console: string[] = []; // errors there: refused loads, broken policies, warnings of scripts
  readonly requests: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && this.console.push(`${message.text()} ${message.location().url}`));
    page.on("request", (request) => this.requests.push(request.url()));
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    return tab;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /// The frame number in the picture that is shown, or -1.
  async number(): Promise<number> {
    return (await this.shown()).number;
  }

  /// What the page's first video element shows: the picture's number, or -1, and its own place in the stream in seconds.
  async shown(): Promise<{ number: number; time: number }> {
    const { cells, time } = await this.page.evaluate(() => {
      const video = document.querySelector("video");
      const nothing = { cells: [] as number[], time: -1 };
      if (!video || video.videoWidth === 0 || video.readyState < 2) return nothing;
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      const context = canvas.getContext("2d", { willReadFrequently: true });
      if (!context) return nothing;
      context.drawImage(video, 0, 0);
      const time = video.currentTime;
      const row = Math.floor(video.videoHeight - video.videoHeight / 48);
      const pixels = context.getImageData(0, row, video.videoWidth, 1).data;
      return { cells: Array.from({ length: 32 }, (_, i) => pixels[4 * Math.floor(((i + 0.5) * video.videoWidth) / 32) + 1] ?? 128), time };
    });
    return { number: cells.length === 32 ? numberOf(Uint8Array.from(cells)) : -1, time };
  }

  /// Waits until a picture with a number of at least `least` is shown, and returns its number.
  shows(least: number): Promise<number> {
    return until(`picture ${least} in ${this.page.url()}`, async () => {
      const number = await this.number();
      return number >= Math.max(least, 1) ? number : undefined;
    });
  }
}

/// A page of an origin of its own with hls.js, and mpegts.js, as they are published. It notes every complaint; what hls.js cannot read ends
/// it, and where the network fails for good it begins to load anew, as its documentation says. With low latency hls.js 1.7
/// stays where it is for ever when its place has left the playlist after a second without news: there the page goes to
/// the live edge. There it also plays faster to catch up after a stall, which hls.js does not unless it is told to.
export class HlsJsSite {
  readonly #server: HttpServer;

  private constructor(server: HttpServer) {
    this.#server = server;
  }

  static async start(): Promise<HlsJsSite> {
    const script = (path: string) => readFile(createRequire(import.meta.url).resolve(path));
    const scripts = new Map([
      ["/hls.js", await script("hls.js/dist/hls.min.js")],
      ["/mpegts.js", await script("mpegts.js/dist/mpegts.js")],
    ]);
    const server = createServer((request, response) => {
      const found = scripts.get(request.url ?? "");
      response.writeHead(200, { "Content-Type": found ? "text/javascript" : "text/html" });
      response.end(found ?? kPage);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new HlsJsSite(server);
  }

  /// The address of a page that plays `url`: by hls.js, with low latency or without, by mpegts.js, or by the browser itself.
  plays(url: string, how: "hls.js" | "low latency" | "mpegts.js" | "native"): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/?${new URLSearchParams({ url, how })}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/// What hls.js, or the media element, found wrong; in `window.complaints`.
export function complaints(tab: Tab): Promise<string[]> {
  return tab.page.evaluate(() => (window as unknown as { complaints: string[] }).complaints);
}

const kPage = `<!doctype html><video crossorigin="anonymous" muted autoplay playsinline></video><script src="/hls.js"></script><script src="/mpegts.js"></script><script>
  const query = new URLSearchParams(location.search);
  const video = document.querySelector("video");
  window.complaints = [];
  video.addEventListener("error", () => complaints.push("media: " + video.error.message));
  if (query.get("how") === "native") {
    video.src = query.get("url");
  } else if (query.get("how") === "mpegts.js") {
    const url = query.get("url");
    const player = mpegts.createPlayer({ type: url.endsWith("mpegts") ? "mpegts" : "flv", isLive: true, url }, { enableWorker: false });
    player.on(mpegts.Events.ERROR, (type, details, info) => complaints.push(type + ": " + details + ": " + info?.msg));
    player.attachMediaElement(video);
    player.load();
    player.play();
  } else {
    const lowLatencyMode = query.get("how") === "low latency";
    const hls = new Hls({ lowLatencyMode, maxLiveSyncPlaybackRate: lowLatencyMode ? 1.5 : 1 });
    hls.on(Hls.Events.ERROR, (_, data) => {
      complaints.push(data.type + ": " + data.details + ": " + (data.error?.message ?? data.reason ?? ""));
      if (/pars|append/i.test(data.details)) hls.destroy();
      else if (data.fatal && data.type === Hls.ErrorTypes.NETWORK_ERROR) setTimeout(() => hls.startLoad(), 500);
    });
    if (lowLatencyMode) hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => {
      if (video.readyState < 3 && 0 < video.currentTime && video.currentTime < details.fragmentStart) video.currentTime = hls.liveSyncPosition;
    });
    hls.loadSource(query.get("url"));
    hls.attachMedia(video);
    window.hls = hls;
  }
</script>`;
