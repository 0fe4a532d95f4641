import "./player.css";

import { useEffect, useState } from "preact/hooks";

import { Controls } from "./controls";
import { useFullscreen, useIdle, usePlayer, useStill } from "./hooks";
import { MutedIcon } from "./icons";
import { handleKey } from "./keys";
import type { PlayerOptions } from "./player";
import { Status } from "./status";

export interface PlayerViewProps extends PlayerOptions {
  /** Name of the stream, for people who do not see the picture. */
  name: string;
  controls: boolean;
  /** Keys work wherever the focus is, not only within the player. */
  ownsKeyboard: boolean;
}

export function PlayerView(props: PlayerViewProps) {
  const { name, controls, ownsKeyboard } = props;
  const { video, player, state } = usePlayer(props);
  const { canvas, shown } = useStill(player);
  const { idle, wake, rest } = useIdle();
  const { element, fullscreen, toggle } = useFullscreen();
  const [menuOpen, setMenuOpen] = useState(false);

  useEffect(() => {
    const target: EventTarget | null = ownsKeyboard ? document : element.current;
    if (player === undefined || target === null || !controls) return;
    const onKey = (event: Event) => {
      wake();
      handleKey(event as KeyboardEvent, { player, toggleFullscreen: toggle });
    };
    target.addEventListener("keydown", onKey);
    return () => target.removeEventListener("keydown", onKey);
  }, [player, ownsKeyboard, controls]);

  // A mouse clicks to pause; a finger taps to see the controls, and taps again to be rid of them.
  const onSurface = (event: Partial<PointerEvent>) => {
    if (!controls || player === undefined) return;
    if (event.pointerType === "mouse") player.togglePause();
    else if (idle) wake();
    else rest();
  };

  const quiet = idle && !menuOpen && state?.paused === false && state.phase !== "failed" && state.phase !== "offline";
  return (
    <div
      ref={element}
      class={`player ${quiet ? "is-idle" : ""}`}
      role="region"
      aria-label={`Player: ${name}`}
      data-phase={state?.phase}
      data-picture={state?.phase === "live" && !state.audioOnly ? "" : undefined}
      tabIndex={-1}
      onPointerMove={(event) => event.pointerType === "mouse" && wake()}
      onPointerLeave={(event) => event.pointerType === "mouse" && rest()}
      onFocusCapture={wake}
    >
      <video ref={video} playsInline aria-label={name} onClick={onSurface} onDblClick={() => controls && toggle()} />
      <canvas ref={canvas} class={`player-still ${shown ? "is-shown" : ""}`} aria-hidden="true" />
      {player !== undefined && state !== undefined && (
        <>
          <Status name={name} player={player} state={state} />
          {state.mutedByBrowser && state.muted && (
            <button type="button" class="unmute" onClick={() => player.setMuted(false)}>
              <MutedIcon /> Tap for sound
            </button>
          )}
          {controls && state.phase !== "failed" && (
            <Controls player={player} state={state} video={video.current} fullscreen={fullscreen} onFullscreen={toggle} onMenu={setMenuOpen} />
          )}
        </>
      )}
    </div>
  );
}
