import { createServer } from "node:net";

/// Below the ports that the system gives to outgoing connections, so that nothing takes them by chance.
const kFirst = 18_000;
const kLast = 31_000;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/// A port of 127.0.0.1 that nobody listens on.
export async function freePort(): Promise<number> {
  for (;;) {
    const port = kFirst + Math.floor(Math.random() * (kLast - kFirst));
    if (await isFree(port)) return port;
  }
}
