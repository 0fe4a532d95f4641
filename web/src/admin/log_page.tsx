import "./log_page.css";

import { Fragment } from "preact";

import { formatClock } from "../lib/format";
import { fetchLog, type LogLine } from "../lib/log_api";
import { useConsole, usePolled, type Polled } from "./hooks";
import { Choice, ListState, Pages, Search, type Page } from "./list";
import type { Route } from "./route";

const kPage = 100;
const kPollMs = 2_000;

function day(time: number | undefined): string {
  return time === undefined ? "" : new Date(time).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}

function Line({ line }: { line: LogLine }) {
  return (
    <li class={`log-line is-${line.level}`}>
      <time dateTime={line.time === undefined ? "" : new Date(line.time).toISOString()}>{formatClock(line.time)}</time>
      <span class="log-level">{line.level}</span>
      <span class="log-text">
        {line.message} <span class="log-details">{line.details}</span>
      </span>
    </li>
  );
}

/// What the server did and met with, newest first.
export function LogPage({ route }: { route: Route }) {
  const { api } = useConsole();
  const query = {
    limit: kPage,
    sort: "-id",
    q: route.query.get("q") ?? "",
    level: route.query.get("level") ?? "",
    cursor: route.query.get("cursor") ?? "",
  };
  const polled: Polled<Page<LogLine>> = usePolled(JSON.stringify(query), kPollMs, async (signal) => {
    const { lines, ...page } = await fetchLog(api, query, signal);
    return { items: lines, ...page };
  });
  const lines = polled.value?.items ?? [];
  return (
    <>
      <div class="page-title">
        <h1>Log</h1>
      </div>
      <div class="list-tools">
        <Search route={route} label="Find a stream, an address, a word" />
        <Choice
          route={route}
          field="level"
          label="Level"
          options={[
            ["", "Every level"],
            ["notice,warning,error", "Notices and worse"],
            ["warning,error", "Warnings and errors"],
            ["error", "Errors"],
          ]}
        />
      </div>
      <section class="card list-card" aria-label="Log">
        <ListState
          polled={polled}
          empty={
            <>
              <b>Nothing to read</b>
              <span>{query.q !== "" || query.level !== "" ? "No line is like that." : "The server has written nothing yet."}</span>
            </>
          }
        />
        {polled.value !== undefined && lines.length > 0 && (
          <>
            <ol class="log-lines">
              {lines.map((line, index) => (
                <Fragment key={line.id}>
                  {day(line.time) !== day(lines[index - 1]?.time) && (
                    <li class="log-day">
                      {day(line.time)}
                    </li>
                  )}
                  <Line line={line} />
                </Fragment>
              ))}
            </ol>
            <Pages route={route} page={polled.value} noun={["line", "lines"]} />
          </>
        )}
      </section>
    </>
  );
}
