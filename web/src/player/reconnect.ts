import { backoffMs } from "./backoff";
import type { Probe } from "./probe";

export interface ReconnectWorld {
  probe(url: string, signal: AbortSignal): Promise<Probe>;
  random(): number;
}

export interface ReconnectEvents {
  /** There is something new to play. The search is over. */
  found(): void;
  /** The viewer may not watch it. The search is over. */
  denied(): void;
  /** Not yet; the search goes on. `attempts` counts since the last `reset()`. */
  missing(attempts: number, serverReached: boolean): void;
}

/// Looks for a lost stream, ever more patiently, until it is there again.
export class Reconnect {
  readonly #url: string;
  readonly #world: ReconnectWorld;
  readonly #events: ReconnectEvents;
  #attempts = 0;
  #known: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #probing: AbortController | undefined;

  constructor(url: string, world: ReconnectWorld, events: ReconnectEvents) {
    this.#url = url;
    this.#world = world;
    this.#events = events;
  }

  get searching(): boolean {
    return this.#timer !== undefined || this.#probing !== undefined;
  }

  /// Begins to search, unless it does already. A playlist whose newest segment is still number `known` is not new: the
  /// server lists it, and its publisher is away.
  search(known: number | undefined): void {
    if (this.searching) return;
    this.#known = known;
    this.#wait();
  }

  /// Now is a good moment to try, e.g. because the network came back.
  hurry(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    void this.#try();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#probing?.abort();
    this.#probing = undefined;
  }

  /// The stream plays: the next search begins impatiently again.
  reset(): void {
    this.stop();
    this.#attempts = 0;
  }

  #wait(): void {
    this.#timer = setTimeout(() => void this.#try(), backoffMs(this.#attempts++, this.#world.random()));
  }

  async #try(): Promise<void> {
    this.#timer = undefined;
    const probing = (this.#probing = new AbortController());
    const found = await this.#world.probe(this.#url, probing.signal);
    if (probing.signal.aborted) return;
    this.#probing = undefined;

    if (found.kind === "denied") return this.#events.denied();
    if (found.kind === "live" && found.sequence !== this.#known) return this.#events.found();
    this.#events.missing(this.#attempts, found.kind !== "unavailable" || found.status !== 0);
    this.#wait();
  }
}
