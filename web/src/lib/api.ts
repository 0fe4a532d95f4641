import { array, object, text } from "./json";
import type { Login } from "./login";

/// The server refused, or could not. `problems` are what it found wrong, in its words.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown = undefined,
  ) {
    super(problemText(status, body));
  }

  get denied(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/// What went wrong, for a person: what the answer says, else what its status means.
function problemText(status: number, body: unknown): string {
  if (status === 401 || status === 403) return "This login may not do that";
  const json = object(body);
  const first = object(array(json["errors"])[0]);
  const said = text(first["title"]) || text(json["detail"]) || text(json["error"]).replaceAll("_", " ");
  return said || `The server answered with HTTP ${status}`;
}

/// What a person is told about an error of any kind.
export function errorText(error: unknown): string {
  return error instanceof ApiError ? error.message : "The server does not answer";
}

const kBase = "/streamer/api/v3/";
const kTimeoutMs = 10_000;

export type Query = Record<string, string | number | undefined>;

export interface Ask {
  method?: "GET" | "PUT" | "POST" | "DELETE";
  query?: Query;
  /** Sent as JSON; a string as plain text. */
  body?: unknown;
  accept?: string;
  signal?: AbortSignal;
}

function queryText(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const out = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return out === "" ? "" : `?${out}`;
}

/// A name as one step of a path: its slashes are escaped.
export const step = encodeURIComponent;

/// Asks the server, with the login that there is, and says after each question whether the server answers.
export class Api {
  readonly #login: Login | undefined;
  readonly #reachable: (reachable: boolean) => void;

  constructor(login: Login | undefined, reachable: (reachable: boolean) => void = () => {}) {
    this.#login = login;
    this.#reachable = reachable;
  }

  async json(path: string, ask: Ask = {}): Promise<unknown> {
    const response = await this.#ask(path, { accept: "application/json", ...ask });
    return response.status === 204 ? undefined : response.json();
  }

  async text(path: string, ask: Ask = {}): Promise<string> {
    return (await this.#ask(path, { accept: "text/plain", ...ask })).text();
  }

  async #ask(path: string, { method = "GET", query, body, accept, signal }: Ask): Promise<Response> {
    const headers: Record<string, string> = { accept: accept ?? "*/*" };
    if (this.#login !== undefined) headers["authorization"] = this.#login.authorization;
    if (body !== undefined) headers["content-type"] = typeof body === "string" ? "text/plain" : "application/json";
    const ended = new AbortController();
    const end = () => ended.abort();
    const timer = setTimeout(end, kTimeoutMs);
    signal?.addEventListener("abort", end);
    let response: Response;
    try {
      response = await fetch((path.startsWith("/") ? path : kBase + path) + queryText(query), {
        method,
        headers,
        credentials: "omit", // the login is ours alone, never one that the browser keeps
        cache: "no-store",
        signal: ended.signal,
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
    } catch (error) {
      if (signal?.aborted !== true) this.#reachable(false);
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
    this.#reachable(true);
    if (response.ok) return response;
    throw new ApiError(response.status, await response.json().catch(() => undefined));
  }
}
