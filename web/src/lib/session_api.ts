import { type Api, type Query, step } from "./api";
import { array, count, defined, object, text } from "./json";

/// Who plays and publishes, as `GET sessions` tells.

export interface Session {
  id: string;
  /** "play", "publish", ... */
  type: string;
  /** Of the stream. */
  name: string;
  proto: string;
  ip: string;
  userAgent: string;
  token: string;
  bytes?: number;
  /** UTC, milliseconds. */
  openedAt?: number;
}

export interface SessionPage {
  sessions: Session[];
  total: number;
  next?: string;
  prev?: string;
}

function parseSession(value: unknown): Session | undefined {
  const json = object(value);
  const id = text(json["id"]);
  if (id === "") return undefined;
  return defined<Session>({
    id,
    type: text(json["type"]),
    name: text(json["name"]),
    proto: text(json["proto"]),
    ip: text(json["ip"]),
    userAgent: text(json["user_agent"]),
    token: text(json["token"]),
    bytes: count(json["bytes"]),
    openedAt: count(json["opened_at"]),
  });
}

export function parseSessionPage(value: unknown): SessionPage {
  const json = object(value);
  const sessions = array(json["sessions"])
    .map(parseSession)
    .filter((session) => session !== undefined);
  return defined<SessionPage>({
    sessions,
    total: Math.max(count(json["estimated_count"]) ?? 0, sessions.length),
    next: text(json["next"]) || undefined,
    prev: text(json["prev"]) || undefined,
  });
}

export async function fetchSessions(api: Api, query: Query, signal?: AbortSignal): Promise<SessionPage> {
  return parseSessionPage(await api.json("sessions", { query, ...(signal === undefined ? {} : { signal }) }));
}

export async function closeSession(api: Api, id: string): Promise<void> {
  await api.json(`sessions/${step(id)}`, { method: "DELETE" });
}
