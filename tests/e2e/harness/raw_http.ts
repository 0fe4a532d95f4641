import { Agent, request } from "node:http";
import { connect } from "node:net";

import { within } from "./wait";

export interface Answer {
  status: number;
  /// By lower-case name.
  headers: Map<string, string>;
  body: Buffer;
}

/// Sends a request just as it is written, which no HTTP library would let one do, and reads to the end of the connection.
export async function ask(port: number, head: string, patienceMs?: number): Promise<Answer> {
  const socket = connect(port, "127.0.0.1");
  const pieces: Buffer[] = [];
  const ended = new Promise<void>((resolve) => {
    socket.on("data", (piece) => pieces.push(piece));
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
  });
  socket.write(head, "latin1");
  try {
    await within("the end of an answer", ended, patienceMs);
  } finally {
    socket.destroy();
  }
  const all = Buffer.concat(pieces);
  const end = all.indexOf("\r\n\r\n");
  const [line = "", ...fields] = all.subarray(0, Math.max(end, 0)).toString("latin1").split("\r\n");
  const headers = new Map(fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  }));
  return { status: Number(line.split(" ")[1] ?? 0), headers, body: all.subarray(end + 4) };
}

/// One connection that stays open, for one request after the other.
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  status(path: string): Promise<number> {
    return within(path, new Promise((resolve, reject) => {
      const call = request({ host: "127.0.0.1", port: this.#port, path, agent: this.#agent }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      });
      call.on("error", reject).end();
    }));
  }

  close(): void {
    this.#agent.destroy();
  }
}

/// GET of a path that is sent as it is.
export function get(port: number, path: string): Promise<Answer> {
  return ask(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
}
