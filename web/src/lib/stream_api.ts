/// The list of streams as `GET /streamer/api/v3/streams` tells it. Everything in it is somebody else's text and is
/// checked here, so that the page can rely on the types below.

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

export interface Stream {
  name: string;
  title: string;
  alive: boolean;
  /** "running", "waiting", "error", ... */
  status: string;
  /** kbit/s of the stream, as sent to one viewer. */
  bitrate?: number;
  viewers: number;
  /** Milliseconds of media since the stream began. */
  lifetime?: number;
  tracks: Track[];
}

export interface StreamPage {
  streams: Stream[];
  /** All streams that the server has, also those on other pages. */
  total: number;
  next?: string;
}

export const kStreamsUrl = "/streamer/api/v3/streams";
/** What everybody may know, for those who may not use the API. */
export const kPublicStreamsUrl = "/-/streams";
const kPageSize = 250;
const kMaxStreams = 2000;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const object = (value: unknown): Json => (isObject(value) ? value : {});
const array = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;

/// Leaves out what is unknown, so that "not there" has one form only.
function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
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

function parseStream(value: unknown): Stream | undefined {
  const json = object(value);
  const name = text(json["name"]);
  if (name === "") return undefined;
  const stats = object(json["stats"]);
  const mediaInfo = object(stats["media_info"]);
  return defined<Stream>({
    name,
    title: text(json["title"]) || text(mediaInfo["title"]),
    alive: stats["alive"] === true,
    status: text(stats["status"]),
    bitrate: count(stats["bitrate"]) ?? count(stats["input_bitrate"]),
    viewers: count(stats["online_clients"]) ?? count(stats["client_count"]) ?? 0,
    lifetime: count(stats["lifetime"]),
    tracks: array(mediaInfo["tracks"]).map(parseTrack),
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
  });
}

export class ApiError extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

/// All streams, page by page, up to a number that a page can show. Throws ApiError, or what fetch throws.
export async function fetchStreams(signal: AbortSignal): Promise<StreamPage> {
  const all: StreamPage = { streams: [], total: 0 };
  let cursor: string | undefined;
  let url = kStreamsUrl;
  const get = (query: URLSearchParams) => fetch(`${url}?${query}`, { signal, headers: { accept: "application/json" } });
  do {
    const query = new URLSearchParams({ limit: String(kPageSize), ...(cursor === undefined ? {} : { cursor }) });
    let response = await get(query);
    if (response.status === 403 && url === kStreamsUrl) {
      url = kPublicStreamsUrl;
      response = await get(query);
    }
    if (!response.ok) throw new ApiError(response.status);
    const page = parseStreamPage(await response.json());
    all.streams.push(...page.streams);
    all.total = Math.max(page.total, all.streams.length);
    cursor = page.streams.length > 0 ? page.next : undefined;
  } while (cursor !== undefined && all.streams.length < kMaxStreams);
  return all;
}
