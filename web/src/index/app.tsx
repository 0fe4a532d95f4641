import { useEffect, useMemo, useState } from "preact/hooks";

import { Api } from "../lib/api";
import { storedLogin } from "../lib/login";
import { kPublicStreams, kStreams } from "../lib/stream_api";
import type { Server } from "../lib/urls";
import { GaugeIcon, LockIcon } from "../ui/icons";
import { ThemeSwitch } from "../ui/theme_switch";
import { kEmptyList, pollStreams, type StreamList } from "./poll";
import { Publish } from "./publish";
import { Stage } from "./stage";
import { StreamDetails, type StreamDetailsProps } from "./stream_details";
import { streamHash, Streams } from "./stream_list";
import { Welcome } from "./welcome";

const kPage = 100;

function hashName(): string | undefined {
  try {
    return decodeURIComponent(location.hash.slice(1)) || undefined;
  } catch {
    return undefined;
  }
}

/// The name in the address, which choosing a stream changes.
function useChosen(): [string | undefined, (name: string) => void] {
  const [chosen, setChosen] = useState(hashName);
  useEffect(() => {
    const update = () => setChosen(hashName());
    window.addEventListener("hashchange", update);
    return () => window.removeEventListener("hashchange", update);
  }, []);
  const choose = (name: string) => {
    history.replaceState(null, "", streamHash(name));
    setChosen(name);
  };
  return [chosen, choose];
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

function Header({ list, server, known }: { list: StreamList; server: Server; known: boolean }) {
  return (
    <header class="top">
      <a class="brand" href="/">
        <img src={new URL("../assets/mark.svg", import.meta.url).href} alt="" width="28" height="28" />
        <span>Sluice</span>
      </a>
      {list.status === "unreachable" && (
        <span class="notice" role="alert">
          The server does not answer; trying again
        </span>
      )}
      <nav class="top-actions" aria-label="Server">
        <ThemeSwitch />
        <a class="button" href="/admin">
          {server.login && !known ? <LockIcon /> : <GaugeIcon />}
          {server.login && !known ? "Sign in" : "Console"}
        </a>
      </nav>
    </header>
  );
}

export function App({ server }: { server: Server }) {
  const [list, setList] = useState(kEmptyList);
  const [words, setWords] = useState("");
  const [limit, setLimit] = useState(kPage);
  const [chosen, choose] = useChosen();
  const [lowLatency, setLowLatency] = useLowLatency();
  const [login, setLogin] = useState(storedLogin);
  const [expired, setExpired] = useState(false);
  // Who is no longer known to the server sees what everybody sees.
  if (list.status === "denied" && !expired) {
    setLogin(undefined);
    setExpired(true);
  }

  const api = useMemo(() => new Api(login), [login]);
  const path = login === undefined && (server.login || expired) ? kPublicStreams : kStreams;
  useEffect(() => pollStreams(api, { path, limit, words, chosen }, setList), [api, path, limit, words, chosen]);

  const first = list.streams.find((stream) => stream.alive)?.name;
  useEffect(() => {
    if (chosen === undefined && first !== undefined) choose(first);
  }, [chosen, first]);
  useEffect(() => {
    document.title = chosen === undefined ? "Sluice" : `${chosen} · Sluice`;
  }, [chosen]);

  const onWords = (text: string) => {
    setWords(text);
    setLimit(kPage);
  };
  const streams = <Streams list={list} chosen={chosen} words={words} onWords={onWords} onMore={() => setLimit(limit + kPage)} />;
  if (chosen === undefined) {
    return (
      <div class="page">
        <Header list={list} server={server} known={login !== undefined} />
        <main class="single">
          <Welcome list={list} server={server} />
          {list.streams.length > 0 && streams}
        </main>
      </div>
    );
  }
  const details: StreamDetailsProps = {
    name: chosen,
    stream: list.streams.find((stream) => stream.name === chosen) ?? (list.chosen?.name === chosen ? list.chosen : undefined),
    history: list.history.get(chosen) ?? [],
    server,
    lowLatency,
    onLowLatency: setLowLatency,
  };
  return (
    <div class="page">
      <Header list={list} server={server} known={login !== undefined} />
      <main class="layout">
        <div class="column">
          <Stage {...details} />
          <StreamDetails {...details} />
        </div>
        <div class="column">
          {streams}
          <Publish server={server} name={chosen} />
        </div>
      </main>
      <footer class="foot">
        <span>Sluice {server.version}</span>
        <a href="/licenses.txt">Licences</a>
      </footer>
    </div>
  );
}
