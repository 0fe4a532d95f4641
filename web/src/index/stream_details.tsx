import { formatBitrate, formatCount, formatDuration } from "../lib/format";
import { streamErrors } from "../lib/health";
import type { Stream } from "../lib/stream_api";
import { embedUrl, iframeSnippet, playAddresses, type Server } from "../lib/urls";
import { CopyField } from "../ui/copy_field";
import { Fact, Tracks } from "../ui/facts";
import { Sparkline } from "../ui/sparkline";

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
          {stream.bitrate !== undefined && (
            <dl class="facts">
              <Fact name="Bitrate" value={formatBitrate(stream.bitrate)}>
                <Sparkline samples={history} />
              </Fact>
              <Fact name="Viewers" value={formatCount(stream.viewers)} />
              <Fact name="On air for" value={formatDuration(stream.lifetime)} />
              <Fact name="Errors" value={formatCount(streamErrors(stream))} />
            </dl>
          )}
          <Tracks tracks={stream.tracks} />
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
