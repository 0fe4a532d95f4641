import type { Menus } from "./source";

/// Where a player is:
///
///     idle ─play→ connecting ─picture→ live ⇄ reconnecting ─some attempts→ offline ─picture→ live
///                     │
///                     └──→ failed (denied, not decodable, damaged): waits for retry()
///
/// A recording goes from live to ended. Whoever watches need do nothing in any phase but the last ones.
export type Phase = "idle" | "connecting" | "live" | "reconnecting" | "offline" | "ended" | "failed";

export type Problem = { kind: "denied" } | { kind: "unsupported"; codecs: string } | { kind: "broken" };

export interface PlayerState {
  phase: Phase;
  /** Set in phase "failed". */
  problem?: Problem | undefined;
  /** False in phases "reconnecting" and "offline" where not even the server answers. */
  serverReached: boolean;
  /** What the viewer wants, whatever the picture does. */
  paused: boolean;
  muted: boolean;
  volume: number;
  /** The browser allowed to begin only without sound. */
  mutedByBrowser: boolean;
  /** The picture stands still and nobody asked for it. */
  stalled: boolean;
  audioOnly: boolean;
  /** Seconds behind the newest that the server has; live streams only. */
  latency?: number | undefined;
  /** The viewer is so far behind that a way back to live is worth showing. */
  behind: boolean;
  menus: Menus;
}
