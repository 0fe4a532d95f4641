/// The addresses of one stream, by all protocols that a person may want to copy.

export interface Server {
  /** Scheme, host and port of this page: "https://example.com:8443". */
  origin: string;
  /** Host without port: "example.com", "[::1]". */
  host: string;
  /** Port of the RTMP listener, 0 where there is none. */
  rtmpPort: number;
  /** What takes publishers; empty where nothing does. */
  publish: PublishTarget[];
  /** The program's version, empty where unknown. */
  version: string;
  /** Whether the API wants a login. */
  login: boolean;
}

/// Where a stream may be published: a stream of the configuration, or any name below a prefix.
export interface PublishTarget {
  /** Of the stream; of a prefix with the slash at its end, or empty where any name is taken. */
  name: string;
  isPrefix: boolean;
  /** Whether a publisher must give a password. */
  password: boolean;
}

export interface Address {
  id: string;
  label: string;
  hint: string;
  url: string;
}

const kRtmpDefaultPort = 1935;

/// A stream's name as the path of an address: its slashes stay, everything else is escaped.
export function namePath(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

function rtmpHost(server: Server): string {
  const port = server.rtmpPort === kRtmpDefaultPort ? "" : `:${server.rtmpPort}`;
  return `rtmp://${server.host}${port}`;
}

export function rtmpUrl(server: Server, name: string): string {
  return `${rtmpHost(server)}/static/${namePath(name)}`;
}

/// What an encoder is told, in two parts, as OBS asks for it: rtmp://example.com/live and camera
export function rtmpPublish(server: Server, name: string, password: boolean): { server: string; key: string } {
  const [first = "", ...rest] = name.split("/");
  // An application of these names stands for nothing.
  const plain = rest.length > 0 && first !== "static" && first !== "rtmp";
  const [application, key] = plain ? [first, rest.join("/")] : ["static", name];
  return { server: `${rtmpHost(server)}/${application}`, key: key + (password ? "?password=PASSWORD" : "") };
}

export function playlistUrl(server: Server, name: string, lowLatency: boolean): string {
  return `${server.origin}/${namePath(name)}/${lowLatency ? "index.ll.m3u8" : "index.m3u8"}`;
}

export function embedUrl(server: Server, name: string, lowLatency: boolean): string {
  return `${server.origin}/${namePath(name)}/embed.html${lowLatency ? "?realtime=true" : ""}`;
}

/// HTML to paste into another site's page.
export function iframeSnippet(server: Server, name: string, lowLatency: boolean): string {
  const src = embedUrl(server, name, lowLatency);
  return `<iframe src="${src}" width="960" height="540" style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>`;
}

export function playAddresses(server: Server, name: string): Address[] {
  const base = `${server.origin}/${namePath(name)}`;
  const addresses = [
    { id: "hls", label: "HLS", hint: "Any player, any device", url: `${base}/index.m3u8` },
    { id: "ll-hls", label: "Low-latency HLS", hint: "Two seconds behind or less", url: `${base}/index.ll.m3u8` },
    { id: "tshttp", label: "MPEG-TS", hint: "VLC, ffmpeg, set-top boxes", url: `${base}/mpegts` },
    { id: "flv", label: "HTTP-FLV", hint: "ffplay, web players", url: `${base}/flv` },
  ];
  if (server.rtmpPort !== 0) addresses.push({ id: "rtmp", label: "RTMP", hint: "VLC, ffmpeg", url: rtmpUrl(server, name) });
  return addresses;
}

/// A publish command to paste into a shell. REQUIRES: `name` is made of characters of a stream name.
export function ffmpegCommand(server: Server, name: string, password: boolean): string {
  const to = rtmpPublish(server, name, password);
  const url = `${to.server}/${to.key}`;
  return `ffmpeg -re -i video.mp4 -c:v libx264 -preset veryfast -g 50 -c:a aac -f flv ${password ? `"${url}"` : url}`;
}

/// What remains of a typed text as a stream's name: letters, digits, `.`, `-`, `_`, and single slashes between parts.
export function cleanName(text: string): string {
  return text
    .replace(/\s+/g, "-")
    .replace(/[^A-Za-z0-9._/-]/g, "")
    .replace(/\/{2,}/g, "/")
    .replace(/^\//, "");
}

function readTarget(target: Record<string, unknown> | null): PublishTarget[] {
  const password = target?.["password"] === true;
  if (typeof target?.["name"] === "string") return [{ name: target["name"], isPrefix: false, password }];
  const prefix = target?.["prefix"];
  return typeof prefix === "string" ? [{ name: prefix && `${prefix}/`, isPrefix: true, password }] : [];
}

/// What the server wrote into the page (see index.html), together with the page's own address.
export function readServer(document: Document, location: Location): Server {
  const server: Server = { origin: location.origin, host: location.hostname, rtmpPort: kRtmpDefaultPort, publish: [], version: "", login: false };
  try {
    const info = JSON.parse(document.getElementById("server")?.textContent ?? "") as Record<string, unknown>;
    if (typeof info["rtmp_port"] === "number") server.rtmpPort = info["rtmp_port"];
    if (typeof info["version"] === "string") server.version = info["version"];
    server.login = info["login"] === true;
    if (Array.isArray(info["publish"])) server.publish = info["publish"].flatMap(readTarget);
  } catch {
    // A page without the element works with the defaults.
  }
  return server;
}
