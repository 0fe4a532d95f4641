import type Hls from "hls.js";
import type { ErrorData, HlsConfig, LoadPolicy, MediaPlaylist, RetryConfig } from "hls.js";

import { qualityLabels, trackLabel } from "./labels";
import {
  kNoMenus,
  type Failure,
  type MenuName,
  type Menus,
  type Source,
  type SourceOptions,
  type Timing,
} from "./source";

/// True where the browser lets a script feed a video element. hls.js itself is loaded only then.
export function canUseMediaSource(): boolean {
  return "MediaSource" in window || "ManagedMediaSource" in window;
}

/// A hiccup of the network or a quick restart is waited out within hls.js, while the buffer plays on; anything longer
/// is the player's business.
function loadPolicy(): LoadPolicy {
  const errorRetry: RetryConfig = {
    maxNumRetry: 3,
    retryDelayMs: 300,
    maxRetryDelayMs: 1_200,
    backoff: "exponential",
    shouldRetry: (config, tried, _isTimeout, response) =>
      config != null && tried < config.maxNumRetry && (response?.code === 0 || (response?.code ?? 0) >= 500),
  };
  const timeoutRetry: RetryConfig = { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 };
  return { default: { maxTimeToFirstByteMs: 10_000, maxLoadTimeMs: 30_000, errorRetry, timeoutRetry } };
}

function hlsConfig(options: SourceOptions): Partial<HlsConfig> {
  return {
    lowLatencyMode: options.lowLatency,
    // Catching up is a little faster than live: 10 % is not heard, and gains a second in ten.
    maxLiveSyncPlaybackRate: options.lowLatency ? 1.1 : 1,
    backBufferLength: 30,
    capLevelToPlayerSize: true,
    enableInterstitialPlayback: false,
    // The player asks again by itself: see probe.ts.
    manifestLoadPolicy: { default: { maxTimeToFirstByteMs: 10_000, maxLoadTimeMs: 20_000, errorRetry: null, timeoutRetry: null } },
    playlistLoadPolicy: loadPolicy(),
    fragLoadPolicy: loadPolicy(),
    ...(options.bandwidth === undefined ? {} : { abrEwmaDefaultEstimate: options.bandwidth }),
  };
}

/// Codecs as the playlist names them, for a person: "hvc1.1.6.L93.B0,mp4a.40.2".
function failureOf(data: ErrorData, hls: Hls, hlsModule: typeof import("hls.js")): Failure {
  const { ErrorTypes, ErrorDetails } = hlsModule;
  const codecErrors = [
    ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR,
    ErrorDetails.BUFFER_ADD_CODEC_ERROR,
    ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR,
  ];
  if (codecErrors.includes(data.details)) {
    const codecs = data.mimeType ?? hls.levels?.[0]?.attrs.CODECS ?? "";
    return { kind: "unsupported", codecs };
  }
  const status = data.response?.code ?? 0;
  if (status === 401 || status === 403) return { kind: "denied" };
  if (data.type === ErrorTypes.NETWORK_ERROR) return { kind: "unavailable", status };
  return { kind: "broken" };
}

/// Plays by hls.js.
export class HlsSource implements Source {
  /// How often a damaged picture is repaired within one attempt before the player is told.
  static readonly kRepairs = 2;

  readonly #options: SourceOptions;
  #hls: Hls | undefined;
  #destroyed = false;
  #repairs = 0;
  #grewAt: number | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
    import("hls.js").then(
      (hlsModule) => {
        if (!this.#destroyed) this.#start(hlsModule);
      },
      () => options.events.failed({ kind: "unavailable", status: 0 }),
    );
  }

  #start(hlsModule: typeof import("hls.js")): void {
    const { default: HlsClass, Events, ErrorTypes } = hlsModule;
    const { events, video, url } = this.#options;
    if (!HlsClass.isSupported()) {
      events.failed({ kind: "unsupported", codecs: "" });
      return;
    }
    const hls = new HlsClass(hlsConfig(this.#options));
    this.#hls = hls;

    hls.on(Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      const failure = failureOf(data, hls, hlsModule);
      if (failure.kind === "broken" && data.type === ErrorTypes.MEDIA_ERROR && this.#repairs++ < HlsSource.kRepairs) {
        hls.recoverMediaError();
      } else {
        events.failed(failure);
      }
    });
    hls.on(Events.LEVEL_UPDATED, (_event, { details }) => {
      if (details.advanced || this.#grewAt === undefined) this.#grewAt = performance.now();
      // Where the stream went on further ahead than was buffered, hls.js with low latency would wait for ever.
      const starved = !video.paused && video.readyState < video.HAVE_FUTURE_DATA;
      const left = starved && video.currentTime > 0 && video.currentTime < details.fragmentStart;
      if (left && hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition;
    });
    const tellMenus = () => events.menus(this.#menus());
    hls.on(Events.MANIFEST_PARSED, tellMenus);
    hls.on(Events.LEVEL_SWITCHED, tellMenus);
    hls.on(Events.AUDIO_TRACKS_UPDATED, tellMenus);
    hls.on(Events.AUDIO_TRACK_SWITCHED, tellMenus);
    hls.on(Events.SUBTITLE_TRACKS_UPDATED, tellMenus);
    hls.on(Events.SUBTITLE_TRACK_SWITCH, tellMenus);

    hls.attachMedia(video);
    hls.loadSource(url);
  }

  #menus(): Menus {
    const hls = this.#hls;
    if (hls === undefined) return kNoMenus;
    const tracks = (list: MediaPlaylist[]) => list.map((track, id) => ({ id, label: trackLabel(track) }));
    return {
      quality: {
        choices: qualityLabels(hls.levels).map((label, id) => ({ id, label })),
        chosen: hls.autoLevelEnabled ? -1 : hls.nextLevel,
      },
      audio: { choices: tracks(hls.audioTracks), chosen: hls.audioTrack },
      subtitles: { choices: tracks(hls.subtitleTracks), chosen: hls.subtitleTrack },
    };
  }

  timing(): Timing {
    const hls = this.#hls;
    const details = hls?.latestLevelDetails;
    if (hls === undefined || details == null) return {};
    return {
      latency: details.live ? hls.latency : undefined,
      livePosition: details.live ? (hls.liveSyncPosition ?? undefined) : undefined,
      targetDuration: details.targetduration,
      sequence: details.endSN,
      grewAt: this.#grewAt,
    };
  }

  get bandwidth(): number | undefined {
    return this.#hls?.bandwidthEstimate;
  }

  choose(menu: MenuName, id: number): void {
    const hls = this.#hls;
    if (hls === undefined) return;
    if (menu === "quality") hls.nextLevel = id;
    if (menu === "audio") hls.audioTrack = id;
    if (menu === "subtitles") hls.subtitleTrack = id;
    this.#options.events.menus(this.#menus());
  }

  destroy(): void {
    this.#destroyed = true;
    this.#hls?.destroy();
    this.#hls = undefined;
  }
}
