import { useState } from "preact/hooks";

import { errorText } from "../lib/api";
import { formatBytes, formatDuration } from "../lib/format";
import { closeSession, fetchSessions, type Session } from "../lib/session_api";
import { CrossIcon } from "../ui/icons";
import { ConfirmButton } from "./confirm_button";
import { useConsole, usePolled, type Polled } from "./hooks";
import { Choice, ListState, Pages, Search, Table, type Column, type Page } from "./list";
import { changeQuery, routeHash, type Route } from "./route";

const kPage = 50;
const kPollMs = 3_000;

const kProtocols: [string, string][] = [
  ["", "Every protocol"],
  ["hls", "HLS"],
  ["tshttp", "MPEG-TS"],
  ["flv", "HTTP-FLV"],
  ["rtmp", "RTMP"],
];

export const protocolName = (proto: string) => kProtocols.find(([value]) => value === proto && value !== "")?.[1] ?? proto.toUpperCase();

function queryOf(route: Route) {
  return {
    limit: kPage,
    sort: route.query.get("sort") ?? "-opened_at",
    q: route.query.get("q") ?? "",
    name: route.query.get("name") ?? "",
    proto: route.query.get("proto") ?? "",
    type: route.query.get("type") ?? "",
    cursor: route.query.get("cursor") ?? "",
  };
}

const columns = (busy: Set<string>, close: (session: Session) => void): Column<Session>[] => [
  {
    title: "Address",
    sort: "ip",
    show: ({ ip, userAgent }) => (
      <span class="cell-main">
        <span class="cell-mono">{ip}</span>
        {userAgent !== "" && (
          <span class="cell-sub" title={userAgent}>
            {userAgent}
          </span>
        )}
      </span>
    ),
  },
  {
    title: "Stream",
    sort: "name",
    show: ({ name }) => (
      <span class="cell-main">
        <a href={routeHash("streams", [name])}>{name}</a>
      </span>
    ),
  },
  { title: "Protocol", sort: "proto", minor: true, show: ({ proto, type }) => (type === "publish" ? `${protocolName(proto)}, publishes` : protocolName(proto)) },
  { title: "Sent", sort: "bytes", number: true, minor: true, show: ({ bytes }) => formatBytes(bytes) },
  {
    title: "For",
    sort: "opened_at",
    number: true,
    minor: true,
    show: ({ openedAt }) => (openedAt === undefined ? "–" : formatDuration(Math.max(0, Date.now() - openedAt))),
  },
  {
    title: "",
    number: true,
    show: (session) => (
      <ConfirmButton small tone="is-quiet" label={`Close the session of ${session.ip}`} question="Close it?" busy={busy.has(session.id)} onConfirm={() => close(session)}>
        <CrossIcon /> <span class="button-text">Close</span>
      </ConfirmButton>
    ),
  },
];

export function SessionsPage({ route }: { route: Route }) {
  const { api } = useConsole();
  const [busy, setBusy] = useState(new Set<string>());
  const [problem, setProblem] = useState("");
  const query = queryOf(route);
  const polled: Polled<Page<Session>> = usePolled(JSON.stringify(query), kPollMs, async (signal) => {
    const { sessions, ...page } = await fetchSessions(api, query, signal);
    return { items: sessions, ...page };
  });

  const close = async ({ id }: Session) => {
    setBusy((old) => new Set(old).add(id));
    setProblem("");
    try {
      await closeSession(api, id);
    } catch (error) {
      setProblem(errorText(error));
    }
    polled.refresh();
    setBusy((old) => new Set([...old].filter((other) => other !== id)));
  };
  const looked = query.q !== "" || query.proto !== "" || query.name !== "" || query.type !== "";
  return (
    <>
      <div class="page-title">
        <h1>Sessions</h1>
      </div>
      <div class="list-tools">
        <Search route={route} label="Find by address, stream or player" />
        <Choice route={route} field="proto" label="Protocol" options={kProtocols} />
        <Choice
          route={route}
          field="type"
          label="What they do"
          options={[
            ["", "Everyone"],
            ["play", "Viewers"],
            ["publish", "Publishers"],
          ]}
        />
        {query.name !== "" && (
          <button type="button" class="button is-small chip" onClick={() => changeQuery(route, { name: "", cursor: "" })}>
            of {query.name} <CrossIcon />
          </button>
        )}
      </div>
      {problem !== "" && (
        <p class="notice is-error" role="alert">
          {problem}
        </p>
      )}
      <section class="card list-card" aria-label="Sessions">
        <ListState
          polled={polled}
          empty={
            <>
              <b>{looked ? "Nothing found" : "Nobody is here"}</b>
              <span>{looked ? "No session is like that." : "Viewers and publishers appear here as they come."}</span>
            </>
          }
        />
        {polled.value !== undefined && polled.value.items.length > 0 && (
          <>
            <Table
              label="Sessions"
              columns={columns(busy, (session) => void close(session))}
              items={polled.value.items}
              keyOf={({ id }) => id}
              sort={query.sort}
              onSort={(sort) => changeQuery(route, { sort, cursor: "" })}
            />
            <Pages route={route} page={polled.value} noun={["session", "sessions"]} />
          </>
        )}
      </section>
    </>
  );
}
