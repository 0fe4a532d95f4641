import type { Api, Query } from "./api";
import { array, count, defined, object, text } from "./json";

/// What happened lately, as `GET log` tells.

export interface LogLine {
  id: number;
  /** UTC, milliseconds. */
  time?: number;
  /** "info", "notice", "warning", "error", ... */
  level: string;
  message: string;
  /** What is different each time: "stream=cam url=rtmp://192.0.2.7". */
  details: string;
}

export interface LogPage {
  lines: LogLine[];
  total: number;
  next?: string;
  prev?: string;
}

export function parseLogPage(value: unknown): LogPage {
  const json = object(value);
  const lines = array(json["lines"]).map((line): LogLine => {
    const of = object(line);
    return defined<LogLine>({ id: count(of["id"]) ?? 0, time: count(of["time"]), level: text(of["level"]), message: text(of["message"]), details: text(of["details"]) });
  });
  return defined<LogPage>({
    lines,
    total: Math.max(count(json["estimated_count"]) ?? 0, lines.length),
    next: text(json["next"]) || undefined,
    prev: text(json["prev"]) || undefined,
  });
}

export async function fetchLog(api: Api, query: Query, signal: AbortSignal): Promise<LogPage> {
  return parseLogPage(await api.json("log", { query, signal }));
}
