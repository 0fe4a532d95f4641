import type { Player } from "./player";

export interface KeyTarget {
  player: Player;
  toggleFullscreen(): void;
}

const kSeekSeconds = 5;
const kVolumeStep = 0.1;

/// What a key does to a player; undefined where it is no key of a player.
function keyAction({ player, toggleFullscreen }: KeyTarget, key: string): (() => void) | undefined {
  const actions = new Map([
    [" ", () => player.togglePause()],
    ["k", () => player.togglePause()],
    ["f", toggleFullscreen],
    ["m", () => player.setMuted(!player.state.muted)],
    ["l", () => player.goLive()],
    ["ArrowLeft", () => player.seekBy(-kSeekSeconds)],
    ["ArrowRight", () => player.seekBy(kSeekSeconds)],
    ["ArrowUp", () => player.setVolume((player.state.muted ? 0 : player.state.volume) + kVolumeStep)],
    ["ArrowDown", () => player.setVolume(player.state.volume - kVolumeStep)],
  ]);
  return actions.get(key.length === 1 ? key.toLowerCase() : key);
}

/// True where the key belongs to the focused element itself: text, sliders, menus; space on a button.
function belongsToElement(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("input, textarea, select, [contenteditable], [role=menu]") !== null) return true;
  return key === " " && target.closest("button, a, summary") !== null;
}

export function handleKey(event: KeyboardEvent, target: KeyTarget): void {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if (belongsToElement(event.target, event.key)) return;
  const action = keyAction(target, event.key);
  if (action === undefined) return;
  event.preventDefault();
  action();
}
