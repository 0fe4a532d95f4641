import type { Api, Query } from "./api";
import { array, count, defined, isObject, object, text, type Json } from "./json";

/// Streams as the API tells of them. Everything in it is somebody else's text and is checked here, so that the pages can
/// rely on the types below.

export interface Track {
  id: string;
  content: string;
  codec: string;
  width?: number;
  height?: number;
  fps?: number;
  bitrate?: number;
  channels?: number;
  sampleRate?: number;
  language?: string;
}

/// Where a stream gets its frames from.
export interface Input {
  url: string;
  /** It feeds the stream now; undefined where the server does not say. */
  active?: boolean;
  ip?: string;
  bytes?: number;
  error?: string;
}

export interface Stream {
  name: string;
  title: string;
  alive: boolean;
  /** "running", "waiting", "error", ... */
  status: string;
  /** kbit/s of the stream, as sent to one viewer. */
  bitrate?: number;
  /** Undefined where one may not know. */
  viewers?: number;
  /** Milliseconds since the stream began. */
  lifetime?: number;
  tracks: Track[];

  // What only operators are told.
  /** "config": it stands in the configuration; "user": a template made it. */
  namedBy: string;
  template: string;
  disabled: boolean;
  /** Who feeds it now. */
  source: string;
  inputs: Input[];
  /** All numbers of `stats`, by their names there; those of objects within with a dot. */
  counters: Map<string, number>;
}

export interface StreamPage {
  streams: Stream[];
  /** All streams that match, also those on other pages. */
  total: number;
  next?: string;
  prev?: string;
}

function parseTrack(value: unknown): Track {
  const json = object(value);
  return defined<Track>({
    id: text(json["track_id"]),
    content: text(json["content"]),
    codec: text(json["codec"]),
    width: count(json["width"]),
    height: count(json["height"]),
    fps: count(json["fps"]) ?? count(json["avg_fps"]),
    bitrate: count(json["bitrate"]),
    channels: count(json["channels"]),
    sampleRate: count(json["sample_rate"]),
    language: text(json["language"]) || undefined,
  });
}

function parseInput(value: unknown): Input {
  const json = object(value);
  const stats = object(json["stats"]);
  return defined<Input>({
    url: text(json["url"]),
    active: typeof stats["active"] === "boolean" ? stats["active"] : undefined,
    ip: text(stats["ip"]) || undefined,
    bytes: count(stats["bytes"]),
    error: text(stats["error"]) || undefined,
  });
}

function numbersOf(json: Json, prefix = "", out = new Map<string, number>()): Map<string, number> {
  for (const [key, value] of Object.entries(json)) {
    const number = count(value);
    if (number !== undefined) out.set(prefix + key, number);
    else if (isObject(value) && key !== "media_info") numbersOf(value, `${prefix}${key}.`, out);
  }
  return out;
}

export function parseStream(value: unknown): Stream | undefined {
  const json = object(value);
  const name = text(json["name"]);
  if (name === "") return undefined;
  const stats = object(json["stats"]);
  const mediaInfo = object(stats["media_info"]);
  const status = text(stats["status"]);
  return defined<Stream>({
    name,
    title: text(json["title"]) || text(mediaInfo["title"]),
    alive: typeof stats["alive"] === "boolean" ? stats["alive"] : status === "running",
    status,
    bitrate: count(stats["bitrate"]) ?? count(stats["input_bitrate"]),
    viewers: count(stats["online_clients"]) ?? count(stats["client_count"]),
    lifetime: count(stats["lifetime"]),
    tracks: array(mediaInfo["tracks"]).map(parseTrack),
    namedBy: text(json["named_by"]),
    template: text(json["template"]),
    disabled: json["disabled"] === true,
    source: text(stats["url"]),
    inputs: array(json["inputs"]).map(parseInput),
    counters: numbersOf(stats),
  });
}

export function parseStreamPage(value: unknown): StreamPage {
  const json = object(value);
  const streams = array(json["streams"])
    .map(parseStream)
    .filter((stream) => stream !== undefined);
  return defined<StreamPage>({
    streams,
    total: Math.max(count(json["estimated_count"]) ?? 0, streams.length),
    next: text(json["next"]) || undefined,
    prev: text(json["prev"]) || undefined,
  });
}

/// The list for those who may know everything, and the one for everybody.
export const kStreams = "streams";
export const kPublicStreams = "/-/streams";

/// One page of a list. Throws ApiError, or what fetch throws.
export async function fetchStreams(api: Api, path: string, query: Query, signal?: AbortSignal): Promise<StreamPage> {
  return parseStreamPage(await api.json(path, { query, ...(signal === undefined ? {} : { signal }) }));
}
