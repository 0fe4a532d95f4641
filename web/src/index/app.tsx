import { useEffect, useState } from "preact/hooks";

import { formatCount } from "../lib/format";
import type { Server } from "../lib/urls";
import { kEmptyList, pollStreams, type StreamList } from "./poll";
import { Publish } from "./publish";
import { Stage } from "./stage";
import { StreamDetails, type StreamDetailsProps } from "./stream_details";
import { streamHash, Streams } from "./stream_list";
import { Welcome } from "./welcome";

function useStreams(): StreamList {
  const [list, setList] = useState(kEmptyList);
  useEffect(() => pollStreams(setList), []);
  return list;
}

function hashName(): string | undefined {
  try {
    return decodeURIComponent(location.hash.slice(1)) || undefined;
  } catch {
    return undefined;
  }
}

/// What the address says, else the first stream that runs.
function useChosen(list: StreamList): string | undefined {
  const [chosen, setChosen] = useState(hashName);
  useEffect(() => {
    const update = () => setChosen(hashName());
    window.addEventListener("hashchange", update);
    return () => window.removeEventListener("hashchange", update);
  }, []);
  const first = list.streams.find((stream) => stream.alive)?.name;
  useEffect(() => {
    if (chosen !== undefined || first === undefined) return;
    history.replaceState(null, "", streamHash(first));
    setChosen(first);
  }, [chosen, first]);
  return chosen;
}

const kLatencyKey = "sluice.low_latency";

/// Remembered, because who has a reason to choose has it again tomorrow.
function useLowLatency(): [boolean, (lowLatency: boolean) => void] {
  const [lowLatency, setLowLatency] = useState(() => {
    try {
      return localStorage.getItem(kLatencyKey) !== "false";
    } catch {
      return true;
    }
  });
  const change = (value: boolean) => {
    setLowLatency(value);
    try {
      localStorage.setItem(kLatencyKey, String(value));
    } catch {
      // A browser that keeps nothing still switches.
    }
  };
  return [lowLatency, change];
}

function Header({ list, server }: { list: StreamList; server: Server }) {
  const viewers = list.streams.reduce((sum, stream) => sum + stream.viewers, 0);
  const running = list.streams.filter((stream) => stream.alive).length;
  return (
    <header class="top">
      <a class="brand" href="/">
        <img src={new URL("../assets/mark.svg", import.meta.url).href} alt="" width="30" height="30" />
        <span>Sluice</span>
      </a>
      {server.version !== "" && <span class="version">{server.version}</span>}
      <span class="top-gap" />
      {list.status === "unreachable" && (
        <span class="notice" role="alert">
          The server does not answer; trying again
        </span>
      )}
      {list.status === "ok" && running > 0 && (
        <span class="totals">
          <b>{formatCount(running)}</b> {running === 1 ? "stream" : "streams"} <b>{formatCount(viewers)}</b> {viewers === 1 ? "viewer" : "viewers"}
        </span>
      )}
    </header>
  );
}

export function App({ server }: { server: Server }) {
  const list = useStreams();
  const chosen = useChosen(list);
  const [lowLatency, setLowLatency] = useLowLatency();
  useEffect(() => {
    document.title = chosen === undefined ? "Sluice" : `${chosen} · Sluice`;
  }, [chosen]);

  if (chosen === undefined && !list.streams.some((stream) => stream.alive)) {
    return (
      <div class="page">
        <Header list={list} server={server} />
        <main class="single">
          <Welcome list={list} server={server} />
          {list.streams.length > 0 && <Streams list={list} chosen={chosen} />}
        </main>
      </div>
    );
  }
  const name = chosen ?? "";
  const details: StreamDetailsProps = {
    name,
    stream: list.streams.find((stream) => stream.name === name),
    history: list.history.get(name) ?? [],
    server,
    lowLatency,
    onLowLatency: setLowLatency,
  };
  return (
    <div class="page">
      <Header list={list} server={server} />
      <main class="layout">
        <div class="column">
          <Stage {...details} />
          <StreamDetails {...details} />
        </div>
        <div class="column">
          <Streams list={list} chosen={name} />
          <Publish server={server} name={name} />
        </div>
      </main>
    </div>
  );
}
