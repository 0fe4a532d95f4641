import { after, it } from "node:test";

import { Program } from "./program";
import { kPatienceMs } from "./wait";

const kLongestMs = 90_000;
const kTail = 2_000; // characters of a log that are shown

/// Servers end as their tests let them. Where that fails they must not keep the tests from ending.
const isServer = (program: Program) => program.label.startsWith("sluice run");
after(async () => {
  await Program.endAll((program) => !isServer(program));
  setTimeout(() => void Program.endAll(), kPatienceMs).unref();
});

function logs(programs: readonly Program[]): string {
  return programs.map((program) => `--- ${program.label}\n${program.log.slice(-kTail)}`).join("\n");
}

/// A test. Programs that it starts end with it; where it fails, their logs are shown, and those of the servers.
export function scenario(name: string, body: () => Promise<void>): void {
  it(name, { timeout: kLongestMs }, async () => {
    const owner = Symbol(name);
    const isOwn = (program: Program) => program.owner === owner;
    try {
      await Program.owner.run(owner, body);
    } catch (error) {
      console.error(logs(Program.running.filter((program) => isOwn(program) || program.label.startsWith("sluice"))));
      throw error;
    } finally {
      await Program.endAll(isOwn);
    }
  });
}
