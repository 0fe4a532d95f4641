import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder: string | undefined;
let made = 0;

/// The name of a file that does not exist yet, in a folder that goes with the process.
export function temporaryFile(name: string): string {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
    process.on("exit", () => rmSync(folder as string, { recursive: true, force: true }));
  }
  made += 1;
  return join(folder, `${made}-${name}`);
}
