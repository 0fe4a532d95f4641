import "./facts.css";

import { Fragment } from "preact";

import type { Track } from "../lib/stream_api";
import { trackFacts } from "../lib/tracks";

export function Fact({ name, value, children }: { name: string; value: string; children?: preact.ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {children}
    </div>
  );
}

export function Tracks({ tracks }: { tracks: Track[] }) {
  return (
    <ul class="tracks">
      {tracks.map((track, index) => {
        const [codec, ...facts] = trackFacts(track);
        return (
          <li key={track.id || index} class="track">
            <span class="track-id">{track.id}</span>
            <span class="track-codec">{codec}</span>
            <span class="track-facts">
              {facts.map((fact, at) => (
                <Fragment key={fact}>
                  {at > 0 && " · "}
                  <span>{fact}</span>
                </Fragment>
              ))}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
