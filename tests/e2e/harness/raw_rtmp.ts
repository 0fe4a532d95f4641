import { connect } from "node:net";

import { within } from "./wait";

const kHandshakeBytes = 1536;
const kChunkBytes = 128; // until somebody says otherwise

type Value = string | number | null | { [key: string]: string };

/// Asks to publish or play a key below an application, both sent byte for byte as they are, and returns what the server
/// says: the code of its last status, or "closed".
export async function askRtmp(port: number, app: string, what: "publish" | "play", key: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setNoDelay();
  let received = Buffer.alloc(0);
  let wake = (): void => {};
  let ended = false;
  socket.on("data", (piece) => {
    received = Buffer.concat([received, piece]);
    wake();
  });
  for (const event of ["error", "close"]) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  const until = async (done: () => boolean): Promise<void> => {
    while (!done() && !ended) await new Promise<void>((resolve) => (wake = resolve));
  };
  const status = (): string | undefined => /Net\w+\.(?!Connect\.Success)[A-Z]\w+\.\w+/.exec(received.toString("latin1"))?.[0];

  const talk = async (): Promise<string> => {
    socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(kHandshakeBytes)]));
    await until(() => received.length >= 1 + 2 * kHandshakeBytes);
    socket.write(received.subarray(1, 1 + kHandshakeBytes));
    received = Buffer.alloc(0);
    socket.write(message(0, ["connect", 1, { app, tcUrl: `rtmp://127.0.0.1:${port}/${app}` }]));
    socket.write(message(0, ["createStream", 2, null]));
    socket.write(message(1, what === "play" ? ["play", 3, null, key] : ["publish", 3, null, key, "live"]));
    await until(() => status() !== undefined);
    return status() ?? "closed";
  };
  try {
    return await within(`an answer to ${what}`, talk());
  } finally {
    socket.destroy();
  }
}

/// A command message, AMF 0, in chunks.
function message(stream: number, values: readonly Value[]): Buffer {
  const body = Buffer.concat(values.map(amf));
  const head = Buffer.alloc(12);
  head[0] = 3; // chunk type 0, chunk stream 3
  head.writeUIntBE(body.length, 4, 3);
  head[7] = 20; // command, AMF 0
  head.writeUInt32LE(stream, 8);
  const pieces = [head];
  for (let at = 0; at < body.length; at += kChunkBytes) {
    if (at > 0) pieces.push(Buffer.from([0xc3]));
    pieces.push(body.subarray(at, at + kChunkBytes));
  }
  return Buffer.concat(pieces);
}

function amf(value: Value): Buffer {
  if (value === null) return Buffer.from([5]);
  if (typeof value === "number") {
    const out = Buffer.alloc(9);
    out.writeDoubleBE(value, 1);
    return out;
  }
  if (typeof value === "string") return Buffer.concat([Buffer.from([2]), text(value)]);
  const members = Object.entries(value).map(([name, member]) => Buffer.concat([text(name), amf(member)]));
  return Buffer.concat([Buffer.from([3]), ...members, Buffer.from([0, 0, 9])]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
