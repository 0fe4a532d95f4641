import { formatLatency } from "../lib/format";
import { FullscreenIcon, MutedIcon, PauseIcon, PictureIcon, PlayIcon, SoundIcon, WindowIcon } from "./icons";
import type { Player } from "./player";
import { SettingsMenu } from "./settings_menu";
import type { PlayerState } from "./state";

export interface ControlsProps {
  player: Player;
  state: PlayerState;
  video: HTMLVideoElement | null;
  fullscreen: boolean;
  onFullscreen(): void;
  onMenu(open: boolean): void;
}

function LiveBadge({ player, state }: { player: Player; state: PlayerState }) {
  if (state.latency === undefined) return null;
  const late = formatLatency(state.latency);
  const label = state.behind ? `${late} behind live: go to live` : `Live, ${late} behind`;
  return (
    <button type="button" class={`live-badge ${state.behind ? "is-behind" : ""}`} aria-label={label} title={label} onClick={() => player.goLive()}>
      <span class="live-dot" />
      <span class="live-word">{state.behind ? "GO LIVE" : "LIVE"}</span>
      <span class="live-latency">{late}</span>
    </button>
  );
}

function Volume({ player, state }: { player: Player; state: PlayerState }) {
  const silent = state.muted || state.volume === 0;
  const level = silent ? 0 : state.volume;
  return (
    <div class="volume">
      <button type="button" class="control" aria-label={silent ? "Unmute (m)" : "Mute (m)"} onClick={() => player.setMuted(!silent)}>
        {silent ? <MutedIcon /> : <SoundIcon />}
      </button>
      <input
        type="range"
        class="volume-slider"
        aria-label="Volume"
        min="0"
        max="1"
        step="0.05"
        value={level}
        style={{ "--level": `${level * 100}%` }}
        onInput={(event) => player.setVolume(Number(event.currentTarget.value))}
      />
    </div>
  );
}

function togglePicture(video: HTMLVideoElement): void {
  if (document.pictureInPictureElement === video) void document.exitPictureInPicture();
  else void video.requestPictureInPicture().catch(() => undefined);
}

export function Controls({ player, state, video, fullscreen, onFullscreen, onMenu }: ControlsProps) {
  return (
    <div class="controls">
      <button type="button" class="control" aria-label={state.paused ? "Play (space)" : "Pause (space)"} onClick={() => player.togglePause()}>
        {state.paused ? <PlayIcon /> : <PauseIcon />}
      </button>
      <Volume player={player} state={state} />
      <LiveBadge player={player} state={state} />
      <span class="controls-gap" />
      <SettingsMenu player={player} menus={state.menus} onOpen={onMenu} />
      {document.pictureInPictureEnabled && video !== null && !state.audioOnly && (
        <button type="button" class="control is-optional" aria-label="Picture in picture" onClick={() => togglePicture(video)}>
          <PictureIcon />
        </button>
      )}
      <button type="button" class="control" aria-label={fullscreen ? "Leave full screen (f)" : "Full screen (f)"} onClick={onFullscreen}>
        {fullscreen ? <WindowIcon /> : <FullscreenIcon />}
      </button>
    </div>
  );
}
