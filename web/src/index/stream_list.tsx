import "./stream_list.css";

import { useState } from "preact/hooks";

import { formatBitrate, formatCount } from "../lib/format";
import type { Stream } from "../lib/stream_api";
import { streamSummary } from "../lib/tracks";
import { SearchIcon, ViewersIcon } from "../ui/icons";
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
        {stream.alive && stream.bitrate !== undefined && (
          <span class="stream-side">
            <span>{formatBitrate(stream.bitrate)}</span>
            {stream.viewers !== undefined && (
              <span class="stream-viewers" aria-label={`${stream.viewers} viewers`}>
                <ViewersIcon />
                {formatCount(stream.viewers)}
              </span>
            )}
          </span>
        )}
      </a>
    </li>
  );
}

function totalText(list: StreamList): string {
  if (list.streams.length < list.total) return formatCount(list.total);
  const running = list.streams.filter((stream) => stream.alive).length;
  return running === list.total ? `${running} on air` : `${running} of ${list.total} on air`;
}

export interface StreamsProps {
  list: StreamList;
  chosen: string | undefined;
  /** What is looked for; the server looks. */
  words: string;
  onWords(words: string): void;
  onMore(): void;
}

export function Streams({ list, chosen, words, onWords, onMore }: StreamsProps) {
  const [many, setMany] = useState(false);
  if (!many && list.total >= kSearchFrom) setMany(true);
  return (
    <section class="card streams" aria-labelledby="streams-title">
      <header class="card-header">
        <h2 id="streams-title">Streams</h2>
        <span class="note">{totalText(list)}</span>
      </header>
      {many && (
        <label class="search">
          <SearchIcon />
          <input type="search" placeholder="Find a stream" aria-label="Find a stream" value={words} onInput={(event) => onWords(event.currentTarget.value)} />
        </label>
      )}
      <ul class="stream-rows">
        {list.streams.map((stream) => (
          <StreamRow key={stream.name} stream={stream} chosen={stream.name === chosen} />
        ))}
        {list.streams.length < list.total && (
          <li class="stream-more">
            <button type="button" class="button is-small" onClick={onMore}>
              Show more
            </button>
          </li>
        )}
      </ul>
      {list.streams.length === 0 && list.status === "ok" && <p class="note nothing">No stream of that name.</p>}
    </section>
  );
}
