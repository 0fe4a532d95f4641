import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Player, type PlayerOptions, type PlayerWorld } from "./player";
import type { Probe } from "./probe";
import type { Failure, Source, SourceOptions, Timing } from "./source";

/// A video element, as far as a player needs one.
class FakeVideo extends EventTarget {
  currentTime = 0;
  paused = true;
  muted = false;
  volume = 1;
  ended = false;
  duration = Number.POSITIVE_INFINITY;
  videoWidth = 640;
  buffered = { length: 0 };
  seekable = { length: 1, start: () => 0, end: () => 100 };
  /** What the browser lets begin without a tap. */
  allows: "all" | "muted" | "nothing" = "all";

  play(): Promise<void> {
    const allowed = this.allows === "all" || (this.allows === "muted" && this.muted);
    if (!allowed) return Promise.reject(new DOMException("a tap is wanted", "NotAllowedError"));
    this.paused = false;
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }

  tell(...events: string[]): void {
    for (const event of events) this.dispatchEvent(new Event(event));
  }
}

class FakeSource implements Source {
  bandwidth = 5_000_000;
  destroyed = false;
  now: Timing = { latency: 2, livePosition: 98, targetDuration: 2, sequence: 42, grewAt: 0 };
  readonly chosen: unknown[] = [];
  constructor(readonly options: SourceOptions) {}
  timing = () => this.now;
  choose = (...choice: unknown[]) => void this.chosen.push(choice);
  destroy = () => void (this.destroyed = true);
}

class Fixture implements PlayerWorld {
  readonly video = new FakeVideo();
  readonly sources: FakeSource[] = [];
  readonly probes: Probe[] = [];
  probed = 0;
  player!: Player;

  begin(options: Partial<PlayerOptions> = {}): this {
    this.player = new Player(
      this.video as unknown as HTMLVideoElement,
      { url: "http://tv/cam/index.m3u8", lowLatency: false, autoplay: true, muted: false, ...options },
      this,
    );
    return this;
  }

  openSource = (options: SourceOptions) => {
    const source = new FakeSource(options);
    this.sources.push(source);
    return source;
  };
  /** The answers in `probes` one after the other, the last one for ever. */
  probe = (): Promise<Probe> => {
    this.probed++;
    return Promise.resolve((this.probes.length > 1 ? this.probes.shift() : this.probes[0]) ?? { kind: "unavailable", status: 404 });
  };
  random = () => 0.5;
  now = () => Date.now();

  get source(): FakeSource {
    return this.sources[this.sources.length - 1]!;
  }
  get phase(): string {
    return this.player.state.phase;
  }
  fail(failure: Failure): void {
    this.source.options.events.failed(failure);
  }
  /** The source brings its first picture, and it moves. */
  async picture(): Promise<void> {
    this.video.tell("emptied", "loadedmetadata", "loadeddata");
    await this.run(1);
  }
  /** Lets the picture move for `seconds`, with new segments. */
  async run(seconds: number): Promise<void> {
    for (let tick = 0; tick < seconds * 2; tick++) {
      this.video.currentTime += 0.5;
      this.source.now = { ...this.source.now, grewAt: Date.now() };
      await vi.advanceTimersByTimeAsync(500);
    }
  }
  /** Lets time pass over a picture that stands still. */
  wait = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);
}

let fixture: Fixture;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
  fixture = new Fixture();
});

afterEach(() => {
  fixture.player.destroy();
  expect(vi.getTimerCount()).toBe(0); // nothing outlives the player
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a beginning", () => {
  it("connects and is live when the picture moves", async () => {
    fixture.begin();
    expect(fixture.phase).toBe("connecting");
    await fixture.picture();
    expect(fixture.player.state).toMatchObject({ phase: "live", paused: false, stalled: false, latency: 2 });
  });

  it("waits for a tap with autoplay=false, and asks the server for nothing", async () => {
    fixture.begin({ autoplay: false });
    await fixture.wait(60);
    expect(fixture.sources).toHaveLength(0);
    expect(fixture.player.state).toMatchObject({ phase: "idle", paused: true });
    fixture.player.play();
    await fixture.picture();
    expect(fixture.phase).toBe("live");
  });

  it("goes without sound where the browser wants a tap for sound", async () => {
    fixture.video.allows = "muted";
    fixture.begin();
    await fixture.picture();
    expect(fixture.video.muted).toBe(true);
    expect(fixture.player.state).toMatchObject({ phase: "live", mutedByBrowser: true });
    fixture.player.setMuted(false);
    expect(fixture.video.muted).toBe(false);
    expect(fixture.player.state.mutedByBrowser).toBe(false);
  });

  it("shows a paused picture where the browser wants a tap for everything", async () => {
    fixture.video.allows = "nothing";
    fixture.begin();
    fixture.video.tell("loadedmetadata", "loadeddata");
    await fixture.wait(30);
    expect(fixture.player.state).toMatchObject({ paused: true, stalled: false, mutedByBrowser: false });
  });

  it("of a stream that is not there waits for it", async () => {
    fixture.begin();
    fixture.fail({ kind: "unavailable", status: 404 });
    expect(fixture.player.state).toMatchObject({ phase: "offline", serverReached: true });
    await fixture.wait(120);
    expect(fixture.sources).toHaveLength(1);
    expect(fixture.probed).toBeGreaterThan(20);

    fixture.probes.push({ kind: "live", sequence: 7 });
    await fixture.wait(11);
    expect(fixture.sources).toHaveLength(2);
    await fixture.picture();
    expect(fixture.phase).toBe("live");
  });

  it("tries again when a source shows nothing at all", async () => {
    fixture.begin();
    await fixture.wait(19);
    expect(fixture.player.state).toMatchObject({ phase: "connecting", stalled: true });
    fixture.probes.push({ kind: "live", sequence: 7 });
    await fixture.wait(3);
    expect(fixture.sources).toHaveLength(2);
  });
});

describe("a restart of the server", () => {
  it("is survived within two target durations of it, at the newest, with what was measured", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.probes.push({ kind: "unavailable", status: 0 }, { kind: "unavailable", status: 404 }, { kind: "live", sequence: 49 });
    fixture.fail({ kind: "unavailable", status: 0 });
    expect(fixture.player.state).toMatchObject({ phase: "reconnecting", serverReached: false });
    await fixture.wait(4);
    expect(fixture.sources).toHaveLength(2);
    expect(fixture.sources[0]!.destroyed).toBe(true);
    expect(fixture.source.options.bandwidth).toBe(5_000_000);
    await fixture.picture();
    expect(fixture.phase).toBe("live");
  });

  it("lets the buffer play out meanwhile, and does not take that for a recovery", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.fail({ kind: "unavailable", status: 0 });
    await fixture.run(5);
    expect(fixture.player.state).toMatchObject({ phase: "offline", stalled: false });
    expect(fixture.source.destroyed).toBe(false);
  });

  it("is tried at once when the network comes back", async () => {
    fixture.begin();
    fixture.fail({ kind: "unavailable", status: 0 });
    await fixture.wait(100);
    const { probed } = fixture;
    fixture.probes.push({ kind: "live", sequence: 1 });
    window.dispatchEvent(new Event("online"));
    await fixture.wait(0);
    expect(fixture.probed).toBe(probed + 1);
    expect(fixture.sources).toHaveLength(2);
  });
});

describe("a publisher that goes away", () => {
  it("is waited for while the server lists the same segments", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.probes.push({ kind: "live", sequence: 42 });
    await fixture.wait(30);
    expect(fixture.player.state).toMatchObject({ phase: "offline", serverReached: true, stalled: true });
    expect(fixture.sources).toHaveLength(1); // the last seconds are not shown again and again

    fixture.probes.splice(0, 1, { kind: "live", sequence: 43 });
    await fixture.wait(5);
    expect(fixture.sources).toHaveLength(2);
    await fixture.picture();
    expect(fixture.phase).toBe("live");
  });

  it("and comes back soon is taken up by the same source", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.probes.push({ kind: "live", sequence: 42 });
    await fixture.wait(6);
    expect(fixture.phase).toBe("reconnecting");
    await fixture.run(1);
    expect(fixture.phase).toBe("live");
    await fixture.run(30);
    expect(fixture.sources).toHaveLength(1);
  });

  it("and ends the playlist is off air, not ended", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.probes.push({ kind: "ended" });
    fixture.video.ended = true;
    fixture.video.tell("ended");
    await fixture.wait(20);
    expect(fixture.phase).toBe("offline");
    expect(fixture.sources).toHaveLength(1);
  });
});

describe("trouble", () => {
  it("with a picture that stands still while segments come in is ended by a new source", async () => {
    fixture.begin();
    await fixture.picture();
    for (let second = 0; second < 5; second++) {
      fixture.source.now = { ...fixture.source.now, grewAt: Date.now() };
      await fixture.wait(1);
    }
    expect(fixture.sources).toHaveLength(2);
  });

  it.each([
    [{ kind: "denied" } as const, "denied"],
    [{ kind: "unsupported", codecs: "hvc1" } as const, "unsupported"],
  ])("%j is told, and not asked again", async (failure, kind) => {
    fixture.begin();
    fixture.fail(failure);
    await fixture.wait(60);
    expect(fixture.player.state).toMatchObject({ phase: "failed", problem: { kind } });
    expect(fixture.probed).toBe(0);
    fixture.player.retry();
    expect(fixture.phase).toBe("connecting");
  });

  it("with a token that ends while the stream is away is told", async () => {
    fixture.begin();
    fixture.probes.push({ kind: "denied" });
    fixture.fail({ kind: "unavailable", status: 404 });
    await fixture.wait(1);
    expect(fixture.player.state).toMatchObject({ phase: "failed", problem: { kind: "denied" } });
  });

  it("with damaged media is told when it does not end", async () => {
    fixture.begin();
    for (let times = 0; times < 4; times++) {
      fixture.probes.splice(0, 1, { kind: "live", sequence: 100 + times });
      fixture.fail({ kind: "broken" });
      await fixture.wait(5);
      expect(fixture.sources).toHaveLength(times + 2);
      expect(fixture.phase).not.toBe("failed");
    }
    fixture.fail({ kind: "broken" });
    expect(fixture.player.state).toMatchObject({ phase: "failed", problem: { kind: "broken" } });
  });
});

describe("a viewer", () => {
  it("who pauses is left alone", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.player.pause();
    await fixture.wait(60);
    expect(fixture.player.state).toMatchObject({ phase: "live", paused: true, stalled: false });
    expect(fixture.sources).toHaveLength(1);
    fixture.player.togglePause();
    await fixture.run(1);
    expect(fixture.player.state.paused).toBe(false);
  });

  it("who pauses by a media key has paused, too", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.video.pause();
    expect(fixture.player.state.paused).toBe(true);
  });

  it("has not paused when a new source empties the element", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.video.tell("emptied");
    fixture.video.pause();
    expect(fixture.player.state.paused).toBe(false);
  });

  it("sees how far behind live the picture is, and goes back to live", async () => {
    fixture.begin();
    await fixture.picture();
    expect(fixture.player.state.behind).toBe(true);
    fixture.player.goLive();
    await fixture.run(0.5);
    expect(fixture.video.currentTime).toBe(98.5);
    expect(fixture.player.state.behind).toBe(false);
  });

  it("moves only where there is something", async () => {
    fixture.begin();
    await fixture.picture();
    fixture.player.seekBy(-1000);
    expect(fixture.video.currentTime).toBe(0);
    fixture.player.seekBy(1000);
    expect(fixture.video.currentTime).toBe(98);
  });

  it("chooses volume and tracks", async () => {
    fixture.begin({ muted: true });
    fixture.player.setVolume(1.7);
    expect(fixture.video).toMatchObject({ volume: 1, muted: false });
    fixture.player.setVolume(-1);
    expect(fixture.video).toMatchObject({ volume: 0, muted: true });
    fixture.player.setMuted(false);
    expect(fixture.video).toMatchObject({ volume: 0.5, muted: false });
    fixture.player.choose("quality", 1);
    expect(fixture.source.chosen).toEqual([["quality", 1]]);
  });

  it("of a recording sees its end, and may begin again", async () => {
    fixture.begin();
    fixture.source.now = { targetDuration: 2 };
    fixture.video.tell("loadedmetadata", "loadeddata");
    fixture.video.currentTime = 3;
    await fixture.wait(0.5);
    fixture.video.paused = true;
    fixture.video.ended = true;
    fixture.video.tell("ended");
    expect(fixture.player.state).toMatchObject({ phase: "ended", paused: true });
    fixture.player.play();
    expect(fixture.video.currentTime).toBe(0);
    expect(fixture.phase).toBe("live");
  });
});
