import { ApiError } from "./api";
import { array, count, isObject, object, text, type Json } from "./json";

/// Something that the server finds wrong with a configuration, and where.
export interface Problem {
  message: string;
  /** In the text, from 1; undefined where it is about no place of it. */
  line?: number;
  column?: number;
  /** The value in the JSON form, "/inputs/0/url"; empty: all of it. */
  pointer: string;
  warning: boolean;
}

/// From 1; the API writes it as a number, or in `meta` as text.
const place = (value: unknown): number | undefined => count(typeof value === "string" ? Number.parseInt(value, 10) : value) || undefined;

function parseProblem(json: Json): Problem {
  const source = object(json["source"]);
  const meta = object(json["meta"]);
  const line = place(json["line"]) ?? place(meta["line"]);
  const column = place(json["col"]) ?? place(meta["col"]);
  const path = array(json["path"]).map(String);
  return {
    message: text(json["detail"]) || text(json["title"]) || text(json["error"]).replaceAll("_", " ") || "Something is wrong here",
    ...(line ? { line } : {}),
    ...(column ? { column } : {}),
    pointer: text(source["pointer"]) || (path.length > 0 ? `/${path.join("/")}` : ""),
    warning: text(json["severity"]) === "warning" || text(meta["severity"]) === "warning",
  };
}

/// What an answer to a configuration says is wrong; empty where it says nothing of that kind.
export function parseProblems(body: unknown): Problem[] {
  const json = object(body);
  const several = array(json["errors"]).filter(isObject).map(parseProblem);
  if (several.length > 0) return several;
  return text(json["error"]) !== "" ? [parseProblem(json)] : [];
}

/// The problems in a refusal of the server; undefined where it was no such refusal.
export function problemsOf(error: unknown): Problem[] | undefined {
  if (!(error instanceof ApiError) || error.denied || error.status < 400 || error.status >= 500) return undefined;
  const problems = parseProblems(error.body);
  return problems.length > 0 ? problems : undefined;
}
