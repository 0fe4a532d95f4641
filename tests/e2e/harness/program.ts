import { AsyncLocalStorage } from "node:async_hooks";
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";

import { within } from "./wait";

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const kLogLimit = 200_000; // characters

/// A program that a test started. It ends with the test at the latest: by `endAll`, or, when the test's own process
/// dies, by the system.
export class Program {
  /// In whose name programs are started now: a test's.
  static readonly owner = new AsyncLocalStorage<symbol | undefined>();
  static readonly #running = new Set<Program>();

  readonly owner = Program.owner.getStore();
  readonly label: string;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #log = "";

  /// Starts `command`. File descriptor 3 is a pipe to read from where `extraPipe` is set; standard output goes to the
  /// log unless somebody takes it.
  constructor(command: string, args: readonly string[], options: { extraPipe?: boolean; takeOutput?: boolean } = {}) {
    this.label = `${command.split("/").at(-1)} ${args.join(" ")}`;
    this.#child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], {
      stdio: ["pipe", "pipe", "pipe", options.extraPipe ? "pipe" : "ignore"],
    });
    this.#child.stdin?.on("error", () => {}); // gone before it had read everything
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#note(text));
    if (!options.takeOutput) this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#note(text));
    this.exited = new Promise((resolve) => {
      this.#child.on("error", (error) => this.#note(`${error.message}\n`));
      this.#child.on("close", (code, signal) => {
        Program.#running.delete(this);
        resolve({ code, signal });
      });
    });
    Program.#running.add(this);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.label} could not be started`);
    return this.#child.pid;
  }
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
  /// What it wrote to standard error, and to standard output where nobody takes that.
  get log(): string {
    return this.#log;
  }
  get stdin(): Writable {
    return this.#child.stdin as Writable;
  }
  get stdout(): Readable {
    return this.#child.stdout as Readable;
  }
  get extra(): Readable {
    return this.#child.stdio[3] as Readable;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /// Asks it to end, and waits until it has; what does not end is killed and is an error.
  async end(signal: NodeJS.Signals = "SIGINT"): Promise<Exit> {
    this.kill(signal);
    try {
      return await within(`the end of ${this.label}`, this.exited, 10_000);
    } catch (error) {
      this.kill("SIGKILL");
      await this.exited;
      throw error;
    }
  }

  /// Waits until it has ended by itself, with status 0.
  async done(patienceMs?: number): Promise<void> {
    const { code, signal } = await within(`the end of ${this.label}`, this.exited, patienceMs);
    if (code !== 0) throw new Error(`${this.label} ended with ${code ?? signal}:\n${this.#log}`);
  }

  static get running(): readonly Program[] {
    return [...Program.#running];
  }

  static async endAll(which: (program: Program) => boolean = () => true): Promise<void> {
    const all = Program.running.filter(which);
    for (const program of all) program.kill("SIGKILL");
    await Promise.all(all.map((program) => program.exited));
  }

  #note(text: string): void {
    this.#log += text;
    if (this.#log.length > kLogLimit) this.#log = this.#log.slice(-kLogLimit / 2);
  }
}

/// Runs a program to its end and returns what it wrote to standard output.
export async function output(command: string, args: readonly string[], patienceMs?: number): Promise<string> {
  const program = new Program(command, args, { takeOutput: true });
  let text = "";
  program.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  await program.done(patienceMs);
  return text;
}
