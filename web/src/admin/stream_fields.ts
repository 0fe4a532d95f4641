import { array, isObject, object, text, type Json } from "../lib/json";

/// What the form of a stream edits, each as it is typed.
export interface StreamFields {
  name: string;
  title: string;
  /** URLs, the first that works feeds the stream. */
  inputs: string[];
  password: string;
  /** Milliseconds; empty: the default. */
  segmentDuration: string;
  segmentCount: string;
  isStatic: boolean;
  disabled: boolean;
  /** The inputs as the server has them: options of theirs that the form does not show must survive. */
  savedInputs: Json[];
}

export const kNewStream: StreamFields = {
  name: "",
  title: "",
  inputs: ["publish://"],
  password: "",
  segmentDuration: "",
  segmentCount: "",
  isStatic: true,
  disabled: false,
  savedInputs: [],
};

const digits = (value: unknown) => (typeof value === "number" ? String(value) : "");

/// The form for what the server says of a stream: what its configuration says, without defaults and templates.
export function formOf(stream: unknown): StreamFields {
  const json = object(stream);
  const saved = isObject(json["config_on_disk"]) ? json["config_on_disk"] : json;
  const savedInputs = array(saved["inputs"]).filter(isObject);
  return {
    name: text(json["name"]),
    title: text(saved["title"]),
    inputs: savedInputs.map(({ url }) => text(url)),
    password: text(saved["password"]),
    segmentDuration: digits(saved["segment_duration"]),
    segmentCount: digits(saved["segment_count"]),
    isStatic: saved["static"] !== false,
    disabled: saved["disabled"] === true,
    savedInputs: savedInputs.map(({ stats: _, ...input }) => input),
  };
}

/// What to PUT so that a stream that is as `saved` becomes as `fields`: only what differs, null for what has the default.
export function changesOf(saved: StreamFields, fields: StreamFields): Json {
  const change: Json = {};
  const isNew = saved.name === "";
  if (fields.title.trim() !== saved.title) change["title"] = fields.title.trim() || null;
  const urls = fields.inputs.map((url) => url.trim()).filter((url) => url !== "");
  if (isNew || urls.join("\n") !== saved.inputs.join("\n")) {
    change["inputs"] = urls.map((url) => saved.savedInputs.find((input) => input["url"] === url) ?? { url });
  }
  if (fields.password !== saved.password) change["password"] = fields.password || null;
  for (const [key, now, before] of [
    ["segment_duration", fields.segmentDuration, saved.segmentDuration],
    ["segment_count", fields.segmentCount, saved.segmentCount],
  ] as const) {
    if (now.trim() !== before) change[key] = now.trim() === "" ? null : Number(now);
  }
  if (fields.isStatic !== saved.isStatic) change["static"] = fields.isStatic;
  if (fields.disabled !== saved.disabled) change["disabled"] = fields.disabled;
  return change;
}
