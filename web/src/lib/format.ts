/// Numbers and names as people read them.

export function formatBitrate(kbits: number | undefined): string {
  if (kbits === undefined || !Number.isFinite(kbits) || kbits < 0) return "–";
  if (kbits < 1000) return `${Math.round(kbits)} kbit/s`;
  const mbits = kbits / 1000;
  return mbits < 1000 ? `${mbits.toFixed(mbits < 100 ? 1 : 0)} Mbit/s` : `${(mbits / 1000).toFixed(1)} Gbit/s`;
}

/// 75 s: "1:15"; 2 days 3 hours: "2 d 3 h".
export function formatDuration(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms) || ms < 0) return "–";
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  if (days > 0) return `${days} d ${hours} h`;
  const minutes = Math.floor(seconds / 60) % 60;
  const two = (n: number) => String(n).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function formatCount(n: number | undefined): string {
  if (n === undefined || !Number.isFinite(n)) return "–";
  return n.toLocaleString("en-US");
}

/// How far behind live a viewer is, in seconds: a decimal where it matters, none where it does not.
export function formatLatency(seconds: number): string {
  return `${seconds < 10 ? Math.max(0, seconds).toFixed(1) : Math.round(seconds)} s`;
}

const kCodecNames: Record<string, string> = {
  h264: "H.264",
  hevc: "HEVC",
  av1: "AV1",
  vp8: "VP8",
  vp9: "VP9",
  mp2v: "MPEG-2",
  aac: "AAC",
  mp3: "MP3",
  mp2a: "MPEG audio",
  ac3: "AC-3",
  eac3: "E-AC-3",
  opus: "Opus",
  wvtt: "WebVTT",
  ttml: "TTML",
  ttxt: "Teletext",
  subtitle: "Subtitles",
  text: "Text",
};

export function codecName(codec: string): string {
  return kCodecNames[codec] ?? codec.toUpperCase();
}

/// 25: "25 fps"; 29.97002997: "29.97 fps".
export function formatFps(fps: number): string {
  return `${Number(fps.toFixed(2))} fps`;
}

export function formatChannels(channels: number): string {
  return channels === 1 ? "mono" : channels === 2 ? "stereo" : channels === 6 ? "5.1" : channels === 8 ? "7.1" : `${channels} channels`;
}

/// A language code in words where the browser knows it: "eng" or "en" gives "English".
export function languageName(code: string): string {
  if (code === "" || code === "und") return "";
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/// 1536: "1.5 KB". Of 1024, as memory is counted.
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return "–";
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

export function formatPercent(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return "–";
  return `${share < 10 ? share.toFixed(1) : Math.round(share)} %`;
}

/// The time of day of a moment, in the browser's zone: "13:07:35".
export function formatClock(utcMs: number | undefined): string {
  if (utcMs === undefined) return "–";
  return new Date(utcMs).toLocaleTimeString("en-GB");
}
