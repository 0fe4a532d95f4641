import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

import type { LiveStream } from "./live_stream";
import { MockApi } from "./mock_api";

/// As the server sends it with every page (src/app/router.cpp).
const kContentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'";

const kTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".mp4": "video/mp4",
  ".m4s": "video/mp4",
  ".vtt": "text/vtt",
};

export const emptyList = (): Record<string, unknown>[] => [];

export interface Request {
  path: string;
  query: URLSearchParams;
}

/// As much of a media server as the pages see: the built files, the list of streams, and live streams.
export class MockServer {
  readonly #dist: string;
  #server: Server | undefined;
  #port = 0;

  /** Streams that are played, by name. */
  readonly streams = new Map<string, LiveStream>();
  readonly api = new MockApi();
  /** Streams that want this token. */
  readonly tokens = new Map<string, string>();
  /** All requests so far. */
  readonly requests: Request[] = [];

  constructor(dist: string) {
    this.#dist = dist;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /// Listens, after a stop again on the same port.
  async start(port = this.#port): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /// As kill -9: all connections break.
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.origin);
    const path = decodeURIComponent(url.pathname);
    this.requests.push({ path, query: url.searchParams });
    const reply = (status: number, body: string | Buffer = "", type = kTypes[extname(path)] ?? "text/plain") => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store", ...(type === kTypes[".html"] ? { "content-security-policy": kContentSecurityPolicy } : {}) }).end(body);
    };

    if (path === "/" || path === "/admin") return reply(200, await this.#page(path === "/" ? "index.html" : "admin.html"), kTypes[".html"]);
    if (path.startsWith("/assets/") || path === "/licenses.txt") return reply(200, await this.#file(path));
    if (path.endsWith("/embed.html")) return reply(200, await this.#file("embed.html"));
    if (await this.api.answer(path, url.searchParams, request, response)) return;
    return this.#media(path, url.searchParams, reply);
  }

  /// With what the server knows of itself in it.
  async #page(path: string): Promise<string> {
    return String(await this.#file(path)).replace('"login":false', `"login":${this.api.closed}`);
  }

  async #file(path: string): Promise<Buffer> {
    return readFile(join(this.#dist, normalize(`/${path}`)));
  }

  async #media(path: string, query: URLSearchParams, reply: (status: number, body?: string | Buffer) => void): Promise<void> {
    const name = [...this.streams.keys()].find((candidate) => path.startsWith(`/${candidate}/`));
    const stream = name === undefined ? undefined : this.streams.get(name);
    if (name === undefined || stream === undefined) return reply(404);
    const token = this.tokens.get(name);
    if (token !== undefined && path.endsWith(".m3u8") && query.get("token") !== token) return reply(403);

    const rest = path.slice(name.length + 2);
    const master = /^index(\.ll)?\.m3u8$/.exec(rest);
    if (master !== null) {
      if (!stream.listed) return reply(404);
      const suffix = query.size === 0 ? "" : `?${query}`;
      return reply(200, stream.master((id) => `${id}/media${master[1] ?? ""}.m3u8${suffix}`));
    }
    const playlist = /^(\w+)\/media(\.ll)?\.m3u8$/.exec(rest);
    if (playlist !== null) {
      await this.#block(stream, query);
      return stream.listed ? reply(200, stream.playlist(playlist[1] ?? "", playlist[2] !== undefined)) : reply(404);
    }
    const init = /^(\w+)\/init\.mp4$/.exec(rest);
    if (init !== null) {
      const rendition = stream.renditions.get(init[1] ?? "");
      return rendition?.kind === "media" ? reply(200, rendition.media.init) : reply(404);
    }
    const segment = /^(\w+)\/(\d+)(?:\.(\d))?\.(m4s|vtt)$/.exec(rest);
    if (segment === null) return reply(404);
    const [, id = "", number, part] = segment;
    await wait(part === undefined ? 0 : stream.untilMs(Number(number), Number(part)));
    const bytes = stream.bytes(id, Number(number), part === undefined ? undefined : Number(part));
    return bytes === undefined ? reply(404) : reply(200, bytes);
  }

  /// Blocking playlist reload (RFC 8216bis, 6.2.5.2).
  async #block(stream: LiveStream, query: URLSearchParams): Promise<void> {
    const segment = query.get("_HLS_msn");
    if (segment !== null) await wait(stream.untilMs(Number(segment), Number(query.get("_HLS_part") ?? 0)));
  }
}

/// The server's clock of a live stream: what is asked for does not exist yet.
function wait(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
