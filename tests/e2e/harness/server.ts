import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

import { freePort } from "./ports";
import { Program } from "./program";
import { temporaryFile } from "./temporary";
import { until, within } from "./wait";

export const kProgram = process.env["SLUICE"] ?? resolve(import.meta.dirname, "../../../build/release/sluice");

export interface TrackInfo {
  track_id: string;
  content: string;
  codec: string;
  width?: number;
  height?: number;
  sample_rate?: number;
}

export interface StreamInfo {
  name: string;
  stats: {
    status: string;
    alive: boolean;
    frames_in: number;
    bytes_in: number;
    online_clients: number;
    held_bytes: number;
    url?: string;
    media_info?: { tracks: TrackInfo[] };
  };
}

/// One server of the built program, on ports of its own, with a config that is gone after the test.
export class Server {
  readonly httpPort: number;
  readonly rtmpPort: number;
  readonly config: string; // the path of its file
  readonly #options: readonly string[];
  readonly #owner = Program.owner.getStore();
  #program: Program;

  private constructor(httpPort: number, rtmpPort: number, config: string, options: readonly string[]) {
    this.httpPort = httpPort;
    this.rtmpPort = rtmpPort;
    this.config = config;
    this.#options = options;
    this.#program = this.run();
  }

  /// Starts a server with the streams and templates of `config` and with `options`, and waits until it is ready.
  static async start(config: string, options: readonly string[] = []): Promise<Server> {
    if (!existsSync(kProgram)) throw new Error(`${kProgram} is missing: build the programs first`);
    const [http, rtmp] = [await freePort(), await freePort()];
    const file = temporaryFile("sluice.conf");
    await writeFile(file, Server.#text(http, rtmp, config));
    const server = new Server(http, rtmp, file, options);
    await server.ready();
    return server;
  }

  static #text(http: number, rtmp: number, config: string): string {
    return `http 127.0.0.1:${http};\nrtmp 127.0.0.1:${rtmp};\n${config}\n`;
  }

  /// Writes another config with the same ports; it is in force after a reload.
  async configure(config: string): Promise<void> {
    await writeFile(this.config, Server.#text(this.httpPort, this.rtmpPort, config));
  }

  /// `sluice reload`: its exit status, and what it said.
  async reload(): Promise<{ code: number | null; text: string }> {
    const program = new Program(kProgram, ["reload", "-c", this.config]);
    const { code } = await program.exited;
    return { code, text: program.log };
  }

  /// Has a signal sent to it.
  signal(signal: NodeJS.Signals): void {
    this.#program.kill(signal);
  }

  get http(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }
  get rtmp(): string {
    return `rtmp://127.0.0.1:${this.rtmpPort}`;
  }
  get pid(): number {
    return this.#program.pid;
  }
  get log(): string {
    return this.#program.log;
  }

  get(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.http + path, { signal: AbortSignal.timeout(20_000), ...init });
  }

  async text(path: string): Promise<string> {
    const response = await this.get(path);
    const body = await response.text();
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${body}`);
    return body;
  }

  /// What the API says of a stream, if it lists it.
  async stream(name: string): Promise<StreamInfo | undefined> {
    const { streams } = JSON.parse(await this.text("/streamer/api/v3/streams")) as { streams: StreamInfo[] };
    return streams.find((stream) => stream.name === name);
  }

  /// Waits until frames of a stream have come in; by then it can be played.
  async runs(name: string): Promise<StreamInfo> {
    return until(`frames of ${name}`, async () => {
      const stream = await this.stream(name);
      return stream?.stats.status === "running" && stream.stats.media_info ? stream : undefined;
    });
  }

  /// Waits until nobody feeds a stream any more.
  async waits(name: string): Promise<void> {
    await until(`the end of the source of ${name}`, async () => (await this.stream(name))?.stats.status !== "running");
  }

  /// Ends it as an operator does. It is an error where it does not stop by itself.
  async stop(): Promise<void> {
    const { code, signal } = await this.#program.end("SIGTERM");
    if (code !== 0) throw new Error(`${this.#program.label} ended with ${code ?? signal}:\n${this.log}`);
  }

  /// Ends it without a chance to tell anybody, and starts it again with the same config and ports.
  async crash(): Promise<void> {
    await this.#program.end("SIGKILL");
    this.#program = Program.owner.run(this.#owner, () => this.run());
    await this.ready();
  }

  /// Resident memory in bytes, and open descriptors.
  async usage(): Promise<{ resident: number; descriptors: number }> {
    const { readdir } = await import("node:fs/promises");
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    const resident = Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]) * 1024;
    return { resident, descriptors: (await readdir(`/proc/${this.pid}/fd`)).length };
  }

  private run(): Program {
    return new Program(kProgram, ["run", "-c", this.config, ...this.#options]);
  }

  private async ready(): Promise<void> {
    const program = this.#program;
    const ended = program.exited.then(() => {
      throw new Error(`the server ended:\n${program.log}`);
    });
    ended.catch(() => {});
    const answers = until("the server", async () => (await this.get("/streamer/api/v3/monitoring/readiness")).ok);
    await within("the server", Promise.race([answers, ended]), 30_000);
  }
}
