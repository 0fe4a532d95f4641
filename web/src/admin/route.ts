import { useEffect, useState } from "preact/hooks";

/// Where in the console somebody is. It stands in the address behind the #, so that it can be kept and sent:
/// "#/streams?q=cam", "#/streams/studio%2Fmain".
export interface Route {
  page: string;
  /** The rest of the path, unescaped. */
  rest: string[];
  query: URLSearchParams;
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [page = "", ...rest] = path.split("/").map(unescaped);
  return { page: page || "overview", rest, query: new URLSearchParams(query) };
}

export function routeHash(page: string, rest: string[] = [], query: Record<string, string> = {}): string {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return `#/${[page, ...rest].map(encodeURIComponent).join("/")}${given === "" ? "" : `?${given}`}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const update = () => setRoute(parseRoute(location.hash));
    window.addEventListener("hashchange", update);
    return () => window.removeEventListener("hashchange", update);
  }, []);
  return route;
}

/// Changes the query of the address in place: looking for something is no step that "back" takes back.
export function changeQuery(route: Route, change: Record<string, string>): void {
  const query = { ...Object.fromEntries(route.query), ...change };
  history.replaceState(null, "", routeHash(route.page, route.rest, query));
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}
