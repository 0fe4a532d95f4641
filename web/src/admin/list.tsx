import "./list.css";

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { errorText } from "../lib/api";
import { formatCount } from "../lib/format";
import { BackIcon, DownIcon, ForwardIcon, SearchIcon, UpIcon } from "../ui/icons";
import { useSettled, type Polled } from "./hooks";
import { changeQuery, type Route } from "./route";

/// Lists that the server sorts, searches and cuts into pages; what to ask it for stands in the page's address.

export interface Column<T> {
  title: string;
  /** Of the API, where the list can be sorted by it. */
  sort?: string;
  /** Numbers: best first at the first press, and at the right. */
  number?: boolean;
  /** Left out where there is no room for it. */
  minor?: boolean;
  show(item: T): ComponentChildren;
}

export interface Page<T> {
  items: T[];
  total: number;
  next?: string | undefined;
  prev?: string | undefined;
}

function SortButton<T>({ column, sort, onSort }: { column: Column<T>; sort: string; onSort(sort: string): void }) {
  if (column.sort === undefined) return <>{column.title}</>;
  const [first, second] = column.number ? [`-${column.sort}`, column.sort] : [column.sort, `-${column.sort}`];
  const chosen = sort === first || sort === second;
  return (
    <button type="button" class={`list-sort ${chosen ? "is-chosen" : ""}`} onClick={() => onSort(sort === first ? second : first)}>
      {column.title}
      {chosen && (sort.startsWith("-") ? <DownIcon /> : <UpIcon />)}
    </button>
  );
}

function ariaSort(column: { sort?: string }, sort: string): "ascending" | "descending" | "none" | undefined {
  if (column.sort === undefined) return undefined;
  return sort === column.sort ? "ascending" : sort === `-${column.sort}` ? "descending" : "none";
}

export function Table<T>({ label, columns, items, keyOf, sort, onSort, chosen }: {
  label: string;
  columns: Column<T>[];
  items: T[];
  keyOf(item: T): string;
  sort: string;
  onSort(sort: string): void;
  chosen?: string;
}) {
  const cell = (column: Column<T>) => `${column.number ? "is-number" : ""} ${column.minor ? "is-minor" : ""}`;
  return (
    <div class="list-scroll">
      <table class="list" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={cell(column)} aria-sort={ariaSort(column, sort)}>
                <SortButton column={column} sort={sort} onSort={onSort} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)} class={keyOf(item) === chosen ? "is-chosen" : ""}>
              {columns.map((column) => (
                <td key={column.title} class={cell(column)}>
                  {column.show(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/// A field whose text comes into the address when the typing rests.
export function Search({ route, label }: { route: Route; label: string }) {
  const [words, setWords] = useState(route.query.get("q") ?? "");
  const settled = useSettled(words.trim(), 250);
  useEffect(() => {
    if (settled !== (route.query.get("q") ?? "")) changeQuery(route, { q: settled, cursor: "" });
  }, [settled]);
  return (
    <label class="search">
      <SearchIcon />
      <input type="search" placeholder={label} aria-label={label} value={words} onInput={(event) => setWords(event.currentTarget.value)} />
    </label>
  );
}

export function Choice({ route, field, label, options }: { route: Route; field: string; label: string; options: [value: string, label: string][] }) {
  return (
    <select
      class="input list-choice"
      aria-label={label}
      value={route.query.get(field) ?? ""}
      onChange={(event) => changeQuery(route, { [field]: event.currentTarget.value, cursor: "" })}
    >
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

/// The foot of a list: how many there are, and the ways to the other pages.
export function Pages<T>({ route, page, noun }: { route: Route; page: Page<T>; noun: [one: string, many: string] }) {
  const go = (cursor: string | undefined) => changeQuery(route, { cursor: cursor ?? "" });
  return (
    <footer class="list-foot">
      <span class="note">
        {formatCount(page.total)} {page.total === 1 ? noun[0] : noun[1]}
      </span>
      {(page.next !== undefined || page.prev !== undefined) && (
        <nav aria-label="Pages of the list">
          <button type="button" class="button is-small" disabled={page.prev === undefined} onClick={() => go(page.prev)}>
            <BackIcon /> Back
          </button>
          <button type="button" class="button is-small" disabled={page.next === undefined} onClick={() => go(page.next)}>
            Next <ForwardIcon />
          </button>
        </nav>
      )}
    </footer>
  );
}

/// What stands in place of a list that is not there, or nothing.
export function ListState<T>({ polled, empty }: { polled: Polled<Page<T>>; empty: ComponentChildren }) {
  if (polled.value === undefined) {
    return polled.error === undefined ? (
      <div class="list-loading" aria-busy="true" />
    ) : (
      <p class="notice is-error" role="alert">
        {errorText(polled.error)}
      </p>
    );
  }
  return polled.value.items.length === 0 ? <div class="empty">{empty}</div> : null;
}
