import "./stream_details.css";

import { formatBitrate, formatCount, formatDuration } from "../lib/format";
import type { Stream, Track } from "../lib/stream_api";
import { trackFacts } from "../lib/tracks";
import { embedUrl, iframeSnippet, playAddresses, type Server } from "../lib/urls";
import { CopyField } from "./copy_field";
import { Sparkline } from "./sparkline";

function Fact({ name, value, children }: { name: string; value: string; children?: preact.ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {children}
    </div>
  );
}

function TrackRow({ track }: { track: Track }) {
  const [codec, ...facts] = trackFacts(track);
  return (
    <li class="track">
      <span class="track-id">{track.id}</span>
      <span class="track-codec">{codec}</span>
      <span class="track-facts">{facts.join(" · ")}</span>
    </li>
  );
}

export interface StreamDetailsProps {
  name: string;
  /** Undefined while the server does not list it. */
  stream: Stream | undefined;
  history: number[];
  server: Server;
  lowLatency: boolean;
  onLowLatency(lowLatency: boolean): void;
}

export function StreamDetails({ name, stream, history, server, lowLatency }: StreamDetailsProps) {
  return (
    <>
      {stream?.alive && (
        <section class="card" aria-label="About the stream">
          <dl class="facts">
            <Fact name="Bitrate" value={formatBitrate(stream.bitrate)}>
              <Sparkline samples={history} />
            </Fact>
            <Fact name="Viewers" value={formatCount(stream.viewers)} />
            <Fact name="On air for" value={formatDuration(stream.lifetime)} />
          </dl>
          <ul class="tracks">
            {stream.tracks.map((track, index) => (
              <TrackRow key={track.id || index} track={track} />
            ))}
          </ul>
        </section>
      )}
      <section class="card" aria-labelledby="addresses-title">
        <header class="card-header">
          <h2 id="addresses-title">Watch elsewhere</h2>
        </header>
        {playAddresses(server, name).map(({ id, label, hint, url }) => (
          <CopyField key={id} label={label} hint={hint} text={url} />
        ))}
        <CopyField label="Player page" hint="A link for a browser" text={embedUrl(server, name, lowLatency)} />
        <CopyField label="Embed" hint="For a page of your own" text={iframeSnippet(server, name, lowLatency)} long />
      </section>
    </>
  );
}
