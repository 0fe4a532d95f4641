import "./overview.css";

import { formatBitrate, formatBytes, formatCount, formatDuration, formatPercent } from "../lib/format";
import type { ServerStats } from "../lib/server_api";
import { fetchStreams, kStreams, type Stream } from "../lib/stream_api";
import { Chart } from "./chart";
import { shardLine } from "./history";
import { useConsole, usePolled } from "./hooks";
import { routeHash } from "./route";
import { StreamCell } from "./streams_page";

const kShown = 6;
const kPollMs = 4_000;

function Tile({ name, value, more }: { name: string; value: string; more?: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        {value}
        {more !== undefined && <small>{more}</small>}
      </dd>
    </div>
  );
}

function Tiles({ stats }: { stats: ServerStats | undefined }) {
  const { streams, onlineStreams, uptime } = stats ?? {};
  return (
    <dl class="card tiles">
      <Tile name="On air" value={formatCount(onlineStreams)} {...(streams === undefined ? {} : { more: `of ${formatCount(streams)}` })} />
      <Tile name="Viewers" value={formatCount(stats?.clients)} />
      <Tile name="Output" value={formatBitrate(stats?.outputKbit)} />
      <Tile name="Input" value={formatBitrate(stats?.inputKbit)} />
      <Tile name="CPU" value={formatPercent(stats?.cpu)} />
      <Tile name="Memory" value={formatBytes(stats?.memoryBytes)} />
      <Tile name="Up for" value={formatDuration(uptime === undefined ? undefined : uptime * 1000)} />
    </dl>
  );
}

function Shards({ stats }: { stats: ServerStats }) {
  const { history } = useConsole();
  const lines = stats.shards.map(({ index }) => ({ label: `Shard ${index}`, values: history.line(shardLine(index)) }));
  const pauses = stats.shards.map(({ longestPause }) => longestPause ?? 0);
  return (
    <section class="card" aria-labelledby="shards-title">
      <header class="card-header">
        <h2 id="shards-title">Load by shard</h2>
        {pauses.some((pause) => pause > 0) && <span class="note">Longest pause {Math.max(...pauses).toFixed(1)} ms</span>}
      </header>
      <Chart label="Load by shard" times={history.times} lines={lines} format={(value) => formatPercent(value)} highest={100} />
    </section>
  );
}

function Few({ title, streams, empty, value }: { title: string; streams: Stream[] | undefined; empty: string; value(stream: Stream): string }) {
  return (
    <section class="card few" aria-label={title}>
      <header class="card-header">
        <h2>{title}</h2>
        <a class="note" href={routeHash("streams")}>
          All streams
        </a>
      </header>
      {streams?.length === 0 && <p class="note">{empty}</p>}
      <ul>
        {streams?.map((stream) => (
          <li key={stream.name}>
            <StreamCell stream={stream} />
            <span class="few-value">{value(stream)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/// The server at a glance. `stats` comes anew every two seconds, and with it the graphs.
export function Overview({ stats }: { stats: ServerStats | undefined }) {
  const { api, history } = useConsole();
  const watched = usePolled("watched", kPollMs, (signal) => fetchStreams(api, kStreams, { limit: kShown, sort: "-stats.online_clients,name", "stats.alive": "true" }, signal));
  const away = usePolled("away", kPollMs, (signal) => fetchStreams(api, kStreams, { limit: kShown, sort: "name", "stats.alive": "false" }, signal));
  const traffic = [
    { label: "Output", values: history.line("output") },
    { label: "Input", values: history.line("input") },
  ];
  return (
    <>
      <div class="page-title">
        <h1>Overview</h1>
      </div>
      {stats?.alerts.map((alert) => (
        <p key={alert} class="notice overview-alert" role="status">
          {alert}
        </p>
      ))}
      <div class="overview">
        <Tiles stats={stats} />
        <section class="card" aria-labelledby="traffic-title">
          <header class="card-header">
            <h2 id="traffic-title">Traffic</h2>
          </header>
          <Chart label="Traffic" times={history.times} lines={traffic} format={formatBitrate} area />
        </section>
        {stats !== undefined && stats.shards.length > 0 && <Shards stats={stats} />}
        <Few title="Most watched" streams={watched.value?.streams} empty="Nothing is on air." value={(stream) => formatCount(stream.viewers)} />
        <Few title="Off air" streams={away.value?.streams} empty="Every stream is on air." value={(stream) => (stream.status === "error" ? "Error" : "Waiting")} />
      </div>
    </>
  );
}
