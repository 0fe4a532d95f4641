import "./stream_list.css";

import { useState } from "preact/hooks";

import { formatBitrate, formatCount } from "../lib/format";
import type { Stream } from "../lib/stream_api";
import { streamSummary } from "../lib/tracks";
import { SearchIcon, ViewersIcon } from "../player/icons";
import type { StreamList } from "./poll";

const kSearchFrom = 8; // fewer are seen at a glance

/// The part of the page's address that chooses a stream.
export const streamHash = (name: string) => `#${encodeURIComponent(name)}`;

function statusText(stream: Stream): string {
  if (stream.alive) return "On air";
  return stream.status === "error" ? "Error" : "Waiting";
}

const waitingText = (stream: Stream) => (stream.status === "error" ? "Its source does not work" : "Waiting for its source");

function StreamRow({ stream, chosen }: { stream: Stream; chosen: boolean }) {
  const summary = streamSummary(stream);
  return (
    <li>
      <a class={`stream-row ${stream.alive ? "" : "is-off"}`} href={streamHash(stream.name)} aria-current={chosen ? "true" : undefined}>
        <span class={`dot ${stream.alive ? "is-live" : stream.status === "error" ? "is-error" : ""}`} role="img" aria-label={statusText(stream)} />
        <span class="stream-main">
          <span class="stream-name">{stream.title || stream.name}</span>
          <span class="stream-about">{stream.alive ? summary || stream.name : waitingText(stream)}</span>
        </span>
        {stream.alive && (
          <span class="stream-side">
            <span>{formatBitrate(stream.bitrate)}</span>
            <span class="stream-viewers" aria-label={`${stream.viewers} viewers`}>
              <ViewersIcon />
              {formatCount(stream.viewers)}
            </span>
          </span>
        )}
      </a>
    </li>
  );
}

function matches(stream: Stream, words: string): boolean {
  return `${stream.name} ${stream.title}`.toLowerCase().includes(words.trim().toLowerCase());
}

export function Streams({ list, chosen }: { list: StreamList; chosen: string | undefined }) {
  const [words, setWords] = useState("");
  const shown = list.streams.filter((stream) => matches(stream, words));
  const running = list.streams.filter((stream) => stream.alive).length;
  return (
    <section class="card streams" aria-labelledby="streams-title">
      <header class="card-header">
        <h2 id="streams-title">Streams</h2>
        <span class="card-note">{running === list.total ? `${running} on air` : `${running} of ${list.total} on air`}</span>
      </header>
      {list.total >= kSearchFrom && (
        <label class="search">
          <SearchIcon />
          <input
            type="search"
            placeholder="Find a stream"
            aria-label="Find a stream"
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        </label>
      )}
      <ul class="stream-rows">
        {shown.map((stream) => (
          <StreamRow key={stream.name} stream={stream} chosen={stream.name === chosen} />
        ))}
      </ul>
      {shown.length === 0 && <p class="nothing">No stream of that name.</p>}
      {list.total > list.streams.length && (
        <p class="nothing">
          The first {formatCount(list.streams.length)} of {formatCount(list.total)} streams.
        </p>
      )}
    </section>
  );
}
