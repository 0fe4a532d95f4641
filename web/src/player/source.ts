/// One attempt to play one playlist in one video element. A source is made for an attempt and destroyed after it; what
/// to do about a failure is the player's business.

export type Failure =
  | { kind: "denied" } // needs a token, or a better one
  | { kind: "unsupported"; codecs: string } // this browser cannot decode it
  | { kind: "unavailable"; status: number } // not there, or nobody answers (0)
  | { kind: "broken" }; // the media is damaged, or the decoder gave up

/// One of several: a quality, an audio track, a subtitle track.
export interface Choice {
  id: number;
  label: string;
}

export interface Menu {
  choices: Choice[];
  /** `id` of what is chosen; kAutomatic or kOff where nothing particular is. */
  chosen: number;
}

export type MenuName = "quality" | "audio" | "subtitles";
export type Menus = Record<MenuName, Menu>;

export const kAutomatic = -1; // quality
export const kOff = -1; // subtitles

export const kNoMenus: Menus = {
  quality: { choices: [], chosen: kAutomatic },
  audio: { choices: [], chosen: -1 },
  subtitles: { choices: [], chosen: kOff },
};

export interface Timing {
  /** Seconds between what is seen and the newest that the server offers. */
  latency?: number | undefined;
  /** Where in the element's time a viewer is live. */
  livePosition?: number | undefined;
  /** Seconds, EXT-X-TARGETDURATION. */
  targetDuration?: number | undefined;
  /** Number of the newest segment known. */
  sequence?: number | undefined;
  /** When the playlist grew last, as `performance.now()`. */
  grewAt?: number | undefined;
}

export interface SourceEvents {
  failed(failure: Failure): void;
  menus(menus: Menus): void;
}

export interface Source {
  /** bit/s measured so far. */
  readonly bandwidth: number | undefined;
  timing(): Timing;
  choose(menu: MenuName, id: number): void;
  destroy(): void;
}

export interface SourceOptions {
  url: string;
  lowLatency: boolean;
  video: HTMLVideoElement;
  events: SourceEvents;
  /** bit/s that the last attempt measured. */
  bandwidth?: number | undefined;
}
