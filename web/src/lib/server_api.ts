import type { Api } from "./api";
import { array, count, defined, number, object, text } from "./json";

/// The server as a whole, as `GET config/stats` tells.

export interface ShardStats {
  index: number;
  /** Percent of its time that it worked. */
  load?: number;
  /** The longest that anything on it had to wait of late, in milliseconds. */
  longestPause?: number;
}

export interface ServerStats {
  version: string;
  hostname: string;
  status: string;
  /** Seconds. */
  uptime?: number;
  cpu?: number;
  memory?: number;
  /** Bytes of this process. */
  memoryBytes?: number;
  clients?: number;
  streams?: number;
  onlineStreams?: number;
  inputKbit?: number;
  outputKbit?: number;
  shards: ShardStats[];
  /** What the server itself finds wrong, in words. */
  alerts: string[];
}

function parseShard(value: unknown, index: number): ShardStats {
  const json = object(value);
  const load = count(json["load"]);
  return defined<ShardStats>({
    index: count(json["shard"]) ?? index,
    load: load === undefined ? undefined : load * 100,
    longestPause: count(json["longest_pause"]),
  });
}

export function parseServerStats(value: unknown): ServerStats {
  const json = object(value);
  return defined<ServerStats>({
    version: text(json["server_version"]),
    hostname: text(json["hostname"]),
    status: text(json["streamer_status"]),
    uptime: count(json["uptime"]),
    cpu: number(json["cpu_usage"]),
    memory: number(json["memory_usage"]),
    memoryBytes: count(json["memory_bytes"]),
    clients: count(json["total_clients"]),
    streams: count(json["total_streams"]),
    onlineStreams: count(json["online_streams"]),
    inputKbit: count(json["input_kbit"]),
    outputKbit: count(json["output_kbit"]),
    shards: array(json["shards"]).map(parseShard),
    alerts: Object.values(object(json["text_alerts"])).map(text).filter((alert) => alert !== ""),
  });
}

export async function fetchServerStats(api: Api, signal?: AbortSignal): Promise<ServerStats> {
  return parseServerStats(await api.json("config/stats", signal === undefined ? {} : { signal }));
}
