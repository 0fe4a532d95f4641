import "./stream_page.css";

import { useState } from "preact/hooks";

import { ApiError, errorText, step } from "../lib/api";
import { formatBitrate, formatBytes, formatCount, formatDuration } from "../lib/format";
import { streamTroubles } from "../lib/health";
import { parseStream, type Input, type Stream } from "../lib/stream_api";
import { playAddresses, playlistUrl } from "../lib/urls";
import { PlayerView } from "../player/player_view";
import { CopyField } from "../ui/copy_field";
import { Fact, Tracks } from "../ui/facts";
import { BackIcon, BinIcon, PenIcon, RestartIcon, SessionsIcon } from "../ui/icons";
import { Sparkline } from "../ui/sparkline";
import { ConfirmButton } from "./confirm_button";
import { useConsole, usePolled } from "./hooks";
import { routeHash } from "./route";
import { StreamDot } from "./streams_page";

const kPollMs = 2_000;
const kHistoryLength = 60;

function InputRow({ input }: { input: Input }) {
  const facts = [input.ip, input.bytes === undefined ? undefined : formatBytes(input.bytes), input.error].filter((fact) => fact !== undefined);
  return (
    <li class="input-row">
      <span class={`dot ${input.active ? "is-live" : input.error !== undefined ? "is-error" : ""}`} role="img" aria-label={input.active ? "Feeds the stream" : "In reserve"} />
      <code>{input.url}</code>
      <span class="note">{facts.join(" · ")}</span>
    </li>
  );
}

function Inputs({ stream }: { stream: Stream }) {
  // A server that tells of no inputs tells at least who feeds the stream.
  const inputs = stream.inputs.length > 0 ? stream.inputs : stream.source === "" ? [] : [{ url: stream.source, active: stream.alive }];
  return (
    <section class="card" aria-labelledby="inputs-title">
      <header class="card-header">
        <h2 id="inputs-title">Inputs</h2>
      </header>
      {inputs.length === 0 && <p class="note">It has none.</p>}
      <ul>
        {inputs.map((input, index) => (
          <InputRow key={index} input={input} />
        ))}
      </ul>
    </section>
  );
}

function Health({ stream }: { stream: Stream }) {
  const troubles = streamTroubles(stream);
  const delay = stream.counters.get("ts_delay");
  return (
    <section class="card" aria-labelledby="health-title">
      <header class="card-header">
        <h2 id="health-title">Health</h2>
        <span class="note">{stream.alive ? `Newest frame ${delay === undefined ? "just now" : `${formatCount(delay)} ms ago`}` : "No frames come in"}</span>
      </header>
      {troubles.length === 0 ? (
        <p class="note">Nothing went wrong since it was started.</p>
      ) : (
        <ul class="troubles">
          {troubles.map(({ label, count }) => (
            <li key={label}>
              {label} <b>{formatCount(count)}</b>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Actions({ stream, onProblem, refresh }: { stream: Stream; onProblem(problem: string): void; refresh(): void }) {
  const { api } = useConsole();
  const [busy, setBusy] = useState(false);
  const act = async (method: "POST" | "DELETE", path: string, after: () => void) => {
    setBusy(true);
    onProblem("");
    try {
      await api.json(path, { method });
      after();
    } catch (error) {
      onProblem(errorText(error));
    }
    setBusy(false);
  };
  const path = `streams/${step(stream.name)}`;
  const configured = stream.namedBy !== "user";
  return (
    <>
      <a class="button" href={routeHash("sessions", [], { name: stream.name })}>
        <SessionsIcon /> Sessions
      </a>
      {configured && (
        <a class="button" href={routeHash("streams", [stream.name, "edit"])}>
          <PenIcon /> Edit
        </a>
      )}
      <ConfirmButton label="Restart the stream" question="Restart it?" busy={busy} onConfirm={() => void act("POST", `${path}/stop`, refresh)}>
        <RestartIcon /> Restart
      </ConfirmButton>
      {configured && (
        <ConfirmButton tone="is-danger" label="Delete the stream" question="Delete it?" busy={busy} onConfirm={() => void act("DELETE", path, () => (location.hash = routeHash("streams")))}>
          <BinIcon /> Delete
        </ConfirmButton>
      )}
    </>
  );
}

function Figures({ stream, history }: { stream: Stream; history: number[] }) {
  return (
    <section class="card" aria-label="About the stream">
      <dl class="facts">
        <Fact name="Bitrate" value={formatBitrate(stream.alive ? stream.bitrate : undefined)}>
          <Sparkline samples={history} />
        </Fact>
        <Fact name="Viewers" value={formatCount(stream.viewers)} />
        <Fact name="On air for" value={stream.alive ? formatDuration(stream.lifetime) : "–"} />
        <Fact name="Memory" value={formatBytes(stream.counters.get("held_bytes"))} />
      </dl>
      {stream.tracks.length > 0 && <Tracks tracks={stream.tracks} />}
    </section>
  );
}

export function StreamPage({ name }: { name: string }) {
  const { api, server } = useConsole();
  const [problem, setProblem] = useState("");
  const [history, setHistory] = useState<number[]>([]);
  const { value: stream, error, refresh } = usePolled(name, kPollMs, async (signal) => {
    const found = parseStream(await api.json(`streams/${step(name)}`, { signal }));
    setHistory((old) => [...old, found?.alive ? (found.bitrate ?? 0) : 0].slice(-kHistoryLength));
    return found;
  });
  const gone = error instanceof ApiError && error.status === 404;
  return (
    <>
      <div class="page-title">
        <a class="button is-quiet is-icon" href={routeHash("streams")} aria-label="All streams" title="All streams">
          <BackIcon />
        </a>
        {stream !== undefined && !gone && <StreamDot stream={stream} />}
        <h1>{stream?.title || name}</h1>
        {stream !== undefined && !gone && <Actions stream={stream} onProblem={setProblem} refresh={refresh} />}
      </div>
      {(problem !== "" || (error !== undefined && stream === undefined && !gone)) && (
        <p class="notice is-error stream-problem" role="alert">
          {problem || errorText(error)}
        </p>
      )}
      {gone && (
        <div class="card empty">
          <b>There is no stream {name}</b>
          <span>It was deleted, or its publisher is gone.</span>
          <a class="button" href={routeHash("streams")}>
            All streams
          </a>
        </div>
      )}
      {stream !== undefined && !gone && (
        <div class="stream-layout">
          <div class="stream-column">
            <div class="stream-player">
              <PlayerView name={stream.title || name} url={playlistUrl(server, name, false)} lowLatency={false} autoplay muted controls ownsKeyboard={false} />
            </div>
            <Figures stream={stream} history={history} />
          </div>
          <div class="stream-column">
            <Inputs stream={stream} />
            <Health stream={stream} />
            <section class="card is-narrow" aria-labelledby="watch-title">
              <header class="card-header">
                <h2 id="watch-title">Watch</h2>
                <a class="note" href={`/#${encodeURIComponent(name)}`}>
                  Its public page
                </a>
              </header>
              {playAddresses(server, name).map(({ id, label, url }) => (
                <CopyField key={id} label={label} text={url} />
              ))}
            </section>
          </div>
        </div>
      )}
    </>
  );
}
