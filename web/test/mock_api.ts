import { text } from "node:stream/consumers";
import type { IncomingMessage, ServerResponse } from "node:http";

/// As much of the API as the console asks for, with made-up streams and sessions. Lists are searched and cut into pages;
/// sorting is the server's business and not seen to here.

type Item = Record<string, unknown>;

const kProtocols = ["hls", "tshttp", "flv", "hls", "rtmp"];
const kPlayers = ["VLC/3.0.21 LibVLC/3.0.21", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", "Lavf/60.16.100", "ExoPlayer/2.19", ""];

const wave = (middle: number, period: number) => middle * (1 + 0.25 * Math.sin(Date.now() / period) + 0.1 * Math.random());

export class MockApi {
  /** Whether it wants a login, of admin with this password. */
  closed = false;
  password = "gate";
  streams: () => Item[] = () => [];
  config = `# Studio server\nhttp 80;\nrtmp 1935;\nedit_auth admin gate;\n\ntemplate live {\n  prefix live;\n  input publish://;\n}\n\nstream studio/main {\n  title "Main studio";\n  input rtmp://encoder-1.studio/live/main;\n  input rtmp://encoder-2.studio/live/main;\n  segment_duration 4;\n}\n\nstream harbour-cam {\n  input publish://;\n  password harbour;\n}\n`;
  readonly sessions: Item[] = Array.from({ length: 212 }, (_, i) => ({
    id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
    type: i === 3 ? "publish" : "play",
    name: ["studio/main", "radio", "harbour-cam"][i % 3],
    proto: i === 3 ? "rtmp" : kProtocols[(i * 7) % 5],
    ip: i % 9 === 4 ? `2001:db8:${i.toString(16)}::17` : `203.0.113.${(i * 37) % 254}`,
    user_agent: kPlayers[i % 5],
    bytes: 1.7 ** (i % 30) * 3000,
    opened_at: Date.now() - 1000 * (9 + i * i),
  }));

  /// False where the path is not the API's.
  async answer(path: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const reply = (status: number, body?: unknown, type = "application/json") => {
      const bytes = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(bytes);
      return true;
    };
    if (path === "/-/streams") return reply(200, page("streams", this.streams().map(publicPart), query));
    if (!path.startsWith("/streamer/api/v3/")) return false;
    const given = request.headers.authorization ?? "";
    if (this.closed && given !== `Basic ${btoa(`admin:${this.password}`)}`) return reply(403, { error: "authorization_failed" });

    const rest = path.slice("/streamer/api/v3/".length);
    if (rest === "config/stats") return reply(200, this.#stats());
    if (rest === "config") return this.#config(request, reply);
    if (rest === "streams") return reply(200, page("streams", this.streams(), query));
    if (rest === "log") return reply(200, page("lines", this.#log(), query));
    if (rest === "sessions") return reply(200, page("sessions", this.sessions, query));
    if (rest.startsWith("sessions/")) {
      const at = this.sessions.findIndex(({ id }) => rest.endsWith(String(id)));
      this.sessions.splice(at, 1);
      return reply(204);
    }
    const found = this.streams().find(({ name }) => rest === `streams/${String(name)}`);
    return found === undefined ? reply(404, { error: "not_found" }) : reply(200, found);
  }

  #log(): Item[] {
    const kLines = [
      ["info", "source connected", "stream=studio/main url=rtmp://192.0.2.7"],
      ["notice", "publishing is refused", "stream=nosuch peer=192.0.2.9 reason=\"no such stream\""],
      ["info", "config reloaded", "added=1 removed=0 changed=2"],
      ["warning", "a viewer was too slow and is cut off", "stream=harbour-cam peer=203.0.113.74"],
      ["info", "source disconnected", "stream=radio url=rtmp://192.0.2.31"],
      ["error", "cannot open the access log", "file=/var/log/sluice/access.log error=\"Permission denied\""],
    ];
    return Array.from({ length: 140 }, (_, i) => {
      const [level, message, details] = kLines[(i * 5 + (i >> 2)) % 6] ?? [];
      return { id: 900 - i, time: Date.now() - 1000 * i * i * 7, level, message, details };
    });
  }

  #stats(): Item {
    return {
      server_version: "1.0",
      hostname: "stream-1.example",
      uptime: 1_040_000,
      cpu_usage: wave(31, 9000),
      memory_usage: 18,
      memory_bytes: 391_000_000,
      total_clients: 488,
      total_streams: 6,
      online_streams: 4,
      input_kbit: wave(7300, 5000),
      output_kbit: wave(1_240_000, 7000),
      shards: [0, 1, 2, 3].map((shard) => ({ shard, load: wave(0.22 + 0.09 * shard, 6000 + 3000 * shard), longest_pause: 1.4 })),
    };
  }

  async #config(request: IncomingMessage, reply: (status: number, body?: unknown, type?: string) => boolean): Promise<boolean> {
    if (request.method === "GET") return reply(200, this.config, "text/plain");
    const given = await text(request);
    const line = given.split("\n").findIndex((one) => one.includes("sgement"));
    if (line >= 0) {
      const detail = "unknown directive sgement_duration, expected segment_duration";
      return reply(400, { error: "unknown", line: line + 1, col: (given.split("\n")[line] ?? "").indexOf("sgement") + 1, detail });
    }
    if (request.method === "PUT") this.config = given;
    return reply(200, {});
  }
}

function publicPart({ name, title, stats }: Item): Item {
  const { status, media_info } = stats as Item;
  return { name, title, stats: { status, media_info } };
}

function page(plural: string, items: Item[], query: URLSearchParams): Item {
  const words = query.get("q") ?? "";
  const equal = ["name", "proto", "type"].filter((field) => query.get(field));
  const status = query.get("stats.status");
  const alive = query.get("stats.alive");
  const found = items.filter((item) => {
    const stats = (item["stats"] ?? {}) as Item;
    return (
      JSON.stringify(item).includes(words) &&
      equal.every((field) => item[field] === query.get(field)) &&
      (!status || stats["status"] === status) &&
      (!alive || String(stats["alive"]) === alive)
    );
  });
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 100);
  return {
    [plural]: found.slice(from, from + limit),
    estimated_count: found.length,
    ...(from + limit < found.length ? { next: String(from + limit) } : {}),
    ...(from > 0 ? { prev: String(Math.max(0, from - limit)) } : {}),
  };
}
