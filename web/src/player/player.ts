import { canUseMediaSource, HlsSource } from "./hls_source";
import { NativeSource } from "./native_source";
import { probe } from "./probe";
import { Reconnect, type ReconnectWorld } from "./reconnect";
import { kNoMenus, type Failure, type MenuName, type Source, type SourceOptions } from "./source";
import type { PlayerState, Problem } from "./state";

export interface PlayerOptions {
  url: string;
  lowLatency: boolean;
  autoplay: boolean;
  muted: boolean;
}

/// What a player needs of the world; replaced in tests.
export interface PlayerWorld extends ReconnectWorld {
  openSource(options: SourceOptions): Source;
  now(): number;
}

export const kBrowser: PlayerWorld = {
  openSource: (options) => (canUseMediaSource() ? new HlsSource(options) : new NativeSource(options)),
  probe,
  random: () => Math.random(),
  now: () => performance.now(),
};

const kTickMs = 500;
const kStalledAfterMs = 1_000; // a picture that stands still for a second is noticed
const kFirstPictureMs = 20_000; // a stream on demand may need that long to begin
const kPatienceTargetDurations = 1.5; // a picture that stands still for longer is not a hiccup
const kMinPatienceMs = 4_000;
const kMaxPatienceMs = 12_000;
const kOfflineAfterAttempts = 3;
const kMaxBroken = 4; // attempts that may end by damaged media in kBrokenWindowMs
const kBrokenWindowMs = 60_000;
const kBehindSeconds = 5;

/// Plays one stream in one video element, and comes back by itself whatever happens to the network, the server or the
/// publisher. Owned by the page that shows it; `destroy()` ends everything it started.
export class Player {
  readonly #video: HTMLVideoElement;
  readonly #options: PlayerOptions;
  readonly #world: PlayerWorld;
  readonly #reconnect: Reconnect;
  readonly #listeners = new Set<(state: PlayerState) => void>();
  readonly #listening = new AbortController();
  readonly #ticker: ReturnType<typeof setInterval>;

  #state: PlayerState;
  #source: Source | undefined;
  #sourceFailed = false;
  #loading = true; // between a new source and its first picture
  #isLive = false;
  #bandwidth: number | undefined;
  #lastTime = 0;
  #movedAt = 0;
  #brokenAt: number[] = [];

  /// Called just before the element loses its picture, so that the page can keep the last one on view.
  onBeforeReload: () => void = () => {};

  constructor(video: HTMLVideoElement, options: PlayerOptions, world: PlayerWorld = kBrowser) {
    this.#video = video;
    this.#options = options;
    this.#world = world;
    this.#reconnect = new Reconnect(options.url, world, {
      found: () => this.#open(),
      denied: () => this.#fail({ kind: "denied" }),
      missing: (attempts, serverReached) => {
        const offline = attempts >= kOfflineAfterAttempts;
        this.#set({ serverReached, ...(offline ? { phase: "offline" as const } : {}) });
      },
    });
    video.muted = options.muted;
    this.#state = {
      phase: "idle",
      serverReached: true,
      paused: !options.autoplay,
      muted: options.muted,
      volume: video.volume,
      mutedByBrowser: false,
      stalled: false,
      audioOnly: false,
      behind: false,
      menus: kNoMenus,
    };
    this.#listen();
    this.#ticker = setInterval(() => this.#tick(), kTickMs);
    if (options.autoplay) this.#open();
  }

  get state(): PlayerState {
    return this.#state;
  }

  /// Calls `listener` after each change. Returns what ends that.
  subscribe(listener: (state: PlayerState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  play(): void {
    const { phase } = this.#state;
    this.#set({ paused: false });
    if (phase === "idle" || phase === "failed") this.#open();
    if (phase === "ended") {
      this.#video.currentTime = 0;
      this.#set({ phase: "live" });
    }
    void this.#startPlayback();
  }

  pause(): void {
    this.#set({ paused: true });
    this.#video.pause();
  }

  togglePause(): void {
    if (this.#state.paused) this.play();
    else this.pause();
  }

  setMuted(muted: boolean): void {
    if (!muted && this.#video.volume === 0) this.#video.volume = 0.5;
    this.#video.muted = muted;
    this.#set({ mutedByBrowser: false });
  }

  setVolume(volume: number): void {
    this.#video.volume = Math.min(1, Math.max(0, volume));
    this.#video.muted = this.#video.volume === 0;
    this.#set({ mutedByBrowser: false });
  }

  /// Moves within what can still be had of the stream.
  seekBy(seconds: number): void {
    const { seekable, currentTime } = this.#video;
    if (seekable.length === 0) return;
    const newest = this.#source?.timing().livePosition ?? seekable.end(seekable.length - 1);
    this.#video.currentTime = Math.min(Math.max(currentTime + seconds, seekable.start(0)), newest);
  }

  goLive(): void {
    const position = this.#source?.timing().livePosition;
    if (position !== undefined) this.#video.currentTime = position;
    this.play();
  }

  choose(menu: MenuName, id: number): void {
    this.#source?.choose(menu, id);
  }

  /// After "failed" or "offline": tries at once.
  retry(): void {
    this.#brokenAt = [];
    this.#set({ paused: false });
    if (this.#state.phase === "failed") this.#open();
    else this.#reconnect.hurry();
  }

  destroy(): void {
    clearInterval(this.#ticker);
    this.#reconnect.stop();
    this.#listening.abort();
    this.#closeSource();
    this.#listeners.clear();
  }

  #set(change: Partial<PlayerState>): void {
    const changed = (Object.keys(change) as (keyof PlayerState)[]).some((key) => change[key] !== this.#state[key]);
    if (!changed) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener(this.#state);
  }

  #listen(): void {
    const video = this.#video;
    const { signal } = this.#listening;
    const on = (event: string, handler: () => void) => video.addEventListener(event, handler, { signal });
    on("emptied", () => (this.#loading = true));
    on("loadedmetadata", () => {
      if (!this.#state.paused) void this.#startPlayback();
    });
    on("loadeddata", () => (this.#loading = false));
    on("resize", () => this.#set({ audioOnly: video.videoWidth === 0 }));
    on("volumechange", () => this.#set({ muted: video.muted, volume: video.volume }));
    on("ended", () => this.#onEnded());
    // Pausing and playing by a media key or by the system counts as the viewer's; what a new source does to the
    // element does not.
    on("play", () => this.#set({ paused: false }));
    on("pause", () => {
      if (!this.#loading && !video.ended) this.#set({ paused: true });
    });
    window.addEventListener("online", () => this.#reconnect.hurry(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && this.#reconnect.hurry(), { signal });
  }

  #open(): void {
    this.#reconnect.stop();
    this.onBeforeReload();
    this.#closeSource();
    const { phase } = this.#state;
    if (phase === "idle" || phase === "failed") this.#set({ phase: "connecting", problem: undefined });
    this.#sourceFailed = false;
    this.#lastTime = 0;
    this.#movedAt = this.#world.now();
    this.#source = this.#world.openSource({
      url: this.#options.url,
      lowLatency: this.#options.lowLatency,
      video: this.#video,
      bandwidth: this.#bandwidth,
      events: { failed: (failure) => this.#onFailure(failure), menus: (menus) => this.#set({ menus }) },
    });
  }

  #closeSource(): void {
    this.#loading = true;
    this.#bandwidth = this.#source?.bandwidth ?? this.#bandwidth;
    this.#source?.destroy();
    this.#source = undefined;
  }

  /// Plays; without sound where the browser wants a tap for sound, and not at all where it wants one for the picture.
  async #startPlayback(): Promise<void> {
    try {
      await this.#video.play();
    } catch (error) {
      // Anything else: a newer source took over, and is played when it is there.
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      if (this.#video.muted) {
        this.#set({ paused: true, mutedByBrowser: false });
      } else {
        this.#video.muted = true;
        this.#set({ mutedByBrowser: true });
        await this.#startPlayback();
      }
    }
  }

  #onFailure(failure: Failure): void {
    this.#sourceFailed = true;
    if (failure.kind === "unavailable") return this.#lose(failure.status !== 0);
    if (failure.kind !== "broken") return this.#fail(failure);

    const now = this.#world.now();
    this.#brokenAt = [...this.#brokenAt.filter((at) => now - at < kBrokenWindowMs), now];
    if (this.#brokenAt.length > kMaxBroken) this.#fail({ kind: "broken" });
    else this.#lose(true);
  }

  #fail(problem: Problem): void {
    this.#reconnect.stop();
    this.#closeSource();
    this.#set({ phase: "failed", problem, stalled: false, latency: undefined, behind: false });
  }

  /// The stream is gone for now. What is buffered plays on.
  #lose(serverReached: boolean): void {
    const { phase } = this.#state;
    const next = phase === "live" ? "reconnecting" : phase === "connecting" ? "offline" : phase;
    this.#set({ phase: next, serverReached });
    this.#reconnect.search(this.#source?.timing().sequence);
  }

  /// A live stream that has an end now is off air; anything else was a recording.
  #onEnded(): void {
    if (this.#isLive) {
      this.#set({ phase: "offline", serverReached: true });
      this.#lose(true);
    } else {
      this.#set({ phase: "ended", paused: true });
    }
  }

  #tick(): void {
    if (this.#source === undefined) return;
    const now = this.#world.now();
    const { currentTime, paused } = this.#video;
    const moved = currentTime !== this.#lastTime && !this.#loading && !paused;
    this.#lastTime = currentTime;
    if (moved) this.#onMoved();
    if (moved || this.#state.paused) this.#movedAt = now;

    const still = now - this.#movedAt;
    const stalled = still >= kStalledAfterMs;
    const { latency, livePosition } = this.#source.timing();
    this.#set({
      stalled,
      latency: stalled || this.#loading ? undefined : latency,
      behind: livePosition !== undefined && livePosition - currentTime > kBehindSeconds,
    });
    if (stalled) this.#onStill(now, still);
  }

  #onMoved(): void {
    if (this.#sourceFailed) return; // it plays out what it had buffered
    this.#isLive ||= this.#source?.timing().latency !== undefined;
    this.#reconnect.reset();
    this.#set({ phase: "live", audioOnly: this.#video.videoWidth === 0 });
  }

  /// The picture has stood still for `still` milliseconds, against the viewer's will.
  #onStill(now: number, still: number): void {
    if (this.#source === undefined || this.#sourceFailed || this.#video.ended) return;
    const { targetDuration, grewAt } = this.#source.timing();
    const wanted = this.#loading ? kFirstPictureMs : (targetDuration ?? 0) * 1000 * kPatienceTargetDurations;
    const patience = this.#loading ? wanted : Math.min(Math.max(wanted, kMinPatienceMs), kMaxPatienceMs);
    if (still < patience) return;
    // New segments come in and none is shown: begin anew. None come in: the publisher is away, wait for it.
    if (grewAt !== undefined && now - grewAt < patience) this.#open();
    else this.#lose(true);
  }
}
