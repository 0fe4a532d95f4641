import { kNoMenus, type Source, type SourceOptions, type Timing } from "./source";

/// Plays by the browser's own HLS, for devices whose scripts cannot feed a video element (iPhones before iOS 17).
export class NativeSource implements Source {
  readonly bandwidth = undefined;
  readonly #video: HTMLVideoElement;
  readonly #listening = new AbortController();
  #edge = 0;
  #grewAt: number | undefined;

  constructor({ url, video, events }: SourceOptions) {
    this.#video = video;
    const { signal } = this.#listening;
    video.addEventListener(
      "error",
      () => {
        const unsupported = video.error?.code === MediaError.MEDIA_ERR_DECODE;
        events.failed(unsupported ? { kind: "broken" } : { kind: "unavailable", status: 0 });
      },
      { signal },
    );
    video.addEventListener("progress", () => this.#observeEdge(), { signal });
    events.menus(kNoMenus);
    video.src = url;
    video.load();
  }

  #observeEdge(): void {
    const { seekable } = this.#video;
    const edge = seekable.length > 0 ? seekable.end(seekable.length - 1) : 0;
    if (edge !== this.#edge) this.#grewAt = performance.now();
    this.#edge = edge;
  }

  timing(): Timing {
    if (this.#edge === 0 || Number.isFinite(this.#video.duration)) return {};
    return { latency: this.#edge - this.#video.currentTime, livePosition: this.#edge, grewAt: this.#grewAt };
  }

  choose(): void {
    // The browser's own player has its own menus.
  }

  destroy(): void {
    this.#listening.abort();
    this.#video.removeAttribute("src");
    this.#video.load();
  }
}
