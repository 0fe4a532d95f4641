import { formatBitrate, formatCount, formatDuration } from "../lib/format";
import { streamErrors } from "../lib/health";
import { fetchStreams, kStreams, type Stream } from "../lib/stream_api";
import { streamSummary } from "../lib/tracks";
import { PlusIcon } from "../ui/icons";
import { useConsole, usePolled, type Polled } from "./hooks";
import { Choice, ListState, Pages, Search, Table, type Column, type Page } from "./list";
import { changeQuery, routeHash, type Route } from "./route";

const kPage = 50;
const kPollMs = 3_000;

export function StreamDot({ stream }: { stream: Stream }) {
  const state = stream.disabled ? "Disabled" : stream.alive ? "On air" : stream.status === "error" ? "Error" : "Waiting";
  return <span class={`dot ${stream.alive ? "is-live" : stream.status === "error" ? "is-error" : ""}`} role="img" aria-label={state} title={state} />;
}

export function StreamCell({ stream }: { stream: Stream }) {
  return (
    <span class="cell-state">
      <StreamDot stream={stream} />
      <span class="cell-main">
        <a href={routeHash("streams", [stream.name])}>{stream.title || stream.name}</a>
        {stream.title !== "" && <span class="cell-sub">{stream.name}</span>}
      </span>
    </span>
  );
}

const kColumns: Column<Stream>[] = [
  { title: "Stream", sort: "name", show: (stream) => <StreamCell stream={stream} /> },
  { title: "Media", minor: true, show: (stream) => <span class="cell-sub">{streamSummary(stream) || "–"}</span> },
  { title: "Source", minor: true, show: ({ source, inputs }) => <span class="cell-clip">{source || inputs[0]?.url || "–"}</span> },
  { title: "Bitrate", sort: "stats.bitrate", number: true, show: (stream) => (stream.alive ? formatBitrate(stream.bitrate) : "–") },
  { title: "Viewers", sort: "stats.online_clients", number: true, show: (stream) => formatCount(stream.viewers) },
  { title: "On air for", sort: "stats.lifetime", number: true, minor: true, show: (stream) => (stream.alive ? formatDuration(stream.lifetime) : "–") },
  { title: "Errors", number: true, minor: true, show: (stream) => formatCount(streamErrors(stream)) },
];

/// What the address of the page asks the server for.
function queryOf(route: Route) {
  return {
    limit: kPage,
    sort: route.query.get("sort") ?? "name",
    q: route.query.get("q") ?? "",
    "stats.status": route.query.get("status") ?? "",
    cursor: route.query.get("cursor") ?? "",
  };
}

export function StreamsPage({ route }: { route: Route }) {
  const { api } = useConsole();
  const query = queryOf(route);
  const polled: Polled<Page<Stream>> = usePolled(JSON.stringify(query), kPollMs, async (signal) => {
    const { streams, ...page } = await fetchStreams(api, kStreams, query, signal);
    return { items: streams, ...page };
  });
  const looked = query.q !== "" || query["stats.status"] !== "";
  return (
    <>
      <div class="page-title">
        <h1>Streams</h1>
        <a class="button is-primary" href={routeHash("new")}>
          <PlusIcon /> New stream
        </a>
      </div>
      <div class="list-tools">
        <Search route={route} label="Find by name, title or address" />
        <Choice
          route={route}
          field="status"
          label="State"
          options={[
            ["", "Every state"],
            ["running", "On air"],
            ["waiting", "Waiting"],
            ["error", "With errors"],
          ]}
        />
      </div>
      <section class="card list-card" aria-label="Streams">
        <ListState
          polled={polled}
          empty={
            looked ? (
              <>
                <b>Nothing found</b>
                <span>No stream is like that.</span>
              </>
            ) : (
              <>
                <b>No streams yet</b>
                <span>Add one, or publish to this server.</span>
              </>
            )
          }
        />
        {polled.value !== undefined && polled.value.items.length > 0 && (
          <>
            <Table
              label="Streams"
              columns={kColumns}
              items={polled.value.items}
              keyOf={({ name }) => name}
              sort={query.sort}
              onSort={(sort) => changeQuery(route, { sort, cursor: "" })}
            />
            <Pages route={route} page={polled.value} noun={["stream", "streams"]} />
          </>
        )}
      </section>
    </>
  );
}
