import { resolve } from "node:path";

import { Program } from "./program";

const kLoad = process.env["SLUICE"]
  ? resolve(process.env["SLUICE"], "../sluice-load")
  : resolve(import.meta.dirname, "../../../build/release/sluice-load");

/// What `sluice-load check` says of one URL.
export interface Checked {
  url: string;
  playlists: number;
  reloads: number;
  segments: number;
  parts: number;
  unlisted: number;
  faults: string[];
}

/// What a machine that runs tests may stand still for. How exactly parts come in time is tested on a virtual clock.
const kTolerance = 2; // seconds

/// Follows URLs for some seconds.
export async function check(seconds: number, urls: readonly string[], options: { sourcePauses?: boolean } = {}): Promise<Checked[]> {
  const flags = options.sourcePauses ? ["--source-pauses"] : [];
  const program = new Program(kLoad, ["check", "--seconds", `${seconds}`, "--tolerance", `${kTolerance}`, ...flags, ...urls], { takeOutput: true });
  let text = "";
  program.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  const { code } = await program.exited;
  if (code !== 0 && code !== 2) throw new Error(`${program.label} ended with ${code}:\n${program.log}`);
  const out = text.split(/^(?=\S)/m).map(parse);
  if (out.length !== urls.length) throw new Error(`${program.label} said:\n${text}`);
  return out;
}

/// A block of the report: its URL, what was looked at, and a line for each fault.
function parse(block: string): Checked {
  const [url = "", looked = "", , ...faults] = block.trimEnd().split("\n");
  const [playlists = 0, reloads = 0, segments = 0, parts = 0, unlisted = 0] = (looked.match(/\d+/g) ?? []).map(Number);
  return { url, playlists, reloads, segments, parts, unlisted, faults: faults.map((fault) => fault.trim()) };
}
