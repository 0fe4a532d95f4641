import type { ServerStats, ShardStats } from "../lib/server_api";

/// What the console has seen of the server since it was opened, for the graphs.
const kLength = 300; // ten minutes of two seconds each

export class ServerHistory {
  /** Seconds since 1970. */
  readonly times: number[] = [];
  readonly #lines = new Map<string, (number | null)[]>();

  add(nowMs: number, stats: ServerStats): void {
    this.times.push(nowMs / 1000);
    const values = new Map<string, number | undefined>([
      ["input", stats.inputKbit],
      ["output", stats.outputKbit],
      ["viewers", stats.clients],
      ...stats.shards.map((shard: ShardStats): [string, number | undefined] => [shardLine(shard.index), shard.load]),
    ]);
    for (const name of new Set([...this.#lines.keys(), ...values.keys()])) {
      const line = this.#lines.get(name) ?? new Array<number | null>(this.times.length - 1).fill(null);
      line.push(values.get(name) ?? null);
      this.#lines.set(name, line);
    }
    if (this.times.length <= kLength) return;
    this.times.shift();
    for (const line of this.#lines.values()) line.shift();
  }

  line(name: string): (number | null)[] {
    return this.#lines.get(name) ?? new Array<number | null>(this.times.length).fill(null);
  }
}

export const shardLine = (index: number) => `shard ${index}`;
