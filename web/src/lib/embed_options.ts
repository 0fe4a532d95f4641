/// What the address of an embedded player page says: NAME/embed.html?realtime=true&token=...
export interface EmbedOptions {
  /** The stream's name as a person reads it; it may contain slashes. */
  name: string;
  /** Absolute address of the playlist, with the page's parameters that are not the player's own. */
  playlist: string;
  lowLatency: boolean;
  autoplay: boolean;
  muted: boolean;
  controls: boolean;
}

/// Parameters that speak to the player. All others (token, filter.tracks, ...) belong to the playlist's address.
const kOwnParameters = ["realtime", "proto", "autoplay", "muted", "mute", "controls", "chromeless", "dvr"];

const kTrue = ["", "1", "true", "yes", "on"];
const kFalse = ["0", "false", "no", "off"];

/// The first of `names` that is given and is a truth value, or `otherwise`.
function flag(query: URLSearchParams, names: string[], otherwise: boolean): boolean {
  for (const name of names) {
    const value = query.get(name)?.toLowerCase();
    if (value === undefined) continue;
    if (kTrue.includes(value)) return true;
    if (kFalse.includes(value)) return false;
  }
  return otherwise;
}

/// `proto` decides where it is given. Everything but plain HLS and DASH is a low-latency protocol, and LL-HLS is ours.
function wantsLowLatency(query: URLSearchParams): boolean {
  const proto = query.get("proto")?.toLowerCase();
  if (proto === undefined || proto === "") return flag(query, ["realtime"], false);
  return proto !== "hls" && proto !== "dash";
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export function embedOptions(location: { origin: string; pathname: string; search: string }): EmbedOptions {
  const base = location.pathname.replace(/\/embed\.html$/, "");
  const query = new URLSearchParams(location.search);
  const lowLatency = wantsLowLatency(query);

  const forwarded = new URLSearchParams([...query].filter(([key]) => !kOwnParameters.includes(key))).toString();
  const file = lowLatency ? "index.ll.m3u8" : "index.m3u8";
  return {
    name: decoded(base.replace(/^\/+/, "")),
    playlist: `${location.origin}${base}/${file}${forwarded === "" ? "" : `?${forwarded}`}`,
    lowLatency,
    autoplay: flag(query, ["autoplay"], true),
    muted: flag(query, ["muted", "mute"], false),
    controls: flag(query, ["controls"], !flag(query, ["chromeless"], false)),
  };
}
