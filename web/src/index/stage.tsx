import "./stage.css";

import { embedUrl, playlistUrl } from "../lib/urls";
import { OpenIcon } from "../player/icons";
import { PlayerView } from "../player/player_view";
import type { StreamDetailsProps } from "./stream_details";

function LatencySwitch({ lowLatency, onChange }: { lowLatency: boolean; onChange(lowLatency: boolean): void }) {
  const option = (value: boolean, label: string) => (
    <label class={`switch-option ${value === lowLatency ? "is-chosen" : ""}`}>
      <input type="radio" name="latency" checked={value === lowLatency} onChange={() => onChange(value)} />
      {label}
    </label>
  );
  return (
    <div class="switch" role="radiogroup" aria-label="Delay">
      {option(true, "Low latency")}
      {option(false, "Standard")}
    </div>
  );
}

function StreamTitle({ name, stream, server, lowLatency, onLowLatency }: StreamDetailsProps) {
  return (
    <header class="stage-header">
      <div class="stage-title">
        <h1>{stream?.title || name}</h1>
        {stream !== undefined && stream.title !== "" && <p>{name}</p>}
      </div>
      <LatencySwitch lowLatency={lowLatency} onChange={onLowLatency} />
      <a class="button" href={embedUrl(server, name, lowLatency)} target="_blank" rel="noopener" title="Open the player in a page of its own">
        <OpenIcon />
        <span>Player page</span>
      </a>
    </header>
  );
}

/// The chosen stream, playing.
export function Stage(props: StreamDetailsProps) {
  const { name, stream, server, lowLatency } = props;
  return (
    <div class="stage">
      <div class="screen">
        <PlayerView
          name={stream?.title || name}
          url={playlistUrl(server, name, lowLatency)}
          lowLatency={lowLatency}
          autoplay
          muted
          controls
          ownsKeyboard
        />
      </div>
      <StreamTitle {...props} />
    </div>
  );
}
