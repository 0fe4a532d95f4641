import { codecName, formatBitrate, formatChannels, formatFps, languageName } from "./format";
import type { Stream, Track } from "./stream_api";

const known = (parts: (string | undefined)[]): string[] => parts.filter((part) => part !== undefined && part !== "") as string[];

/// What is worth knowing of a track: ["H.264", "1920×1080", "25 fps", "4.1 Mbit/s"].
export function trackFacts(track: Track): string[] {
  return known([
    codecName(track.codec),
    track.width !== undefined && track.height !== undefined && track.height > 0 ? `${track.width}×${track.height}` : undefined,
    track.fps !== undefined && track.fps > 0 ? formatFps(track.fps) : undefined,
    track.sampleRate !== undefined && track.sampleRate > 0 ? `${track.sampleRate / 1000} kHz` : undefined,
    track.channels !== undefined && track.channels > 0 ? formatChannels(track.channels) : undefined,
    languageName(track.language ?? ""),
    track.bitrate !== undefined && track.bitrate > 0 ? formatBitrate(track.bitrate) : undefined,
  ]);
}

/// A stream in a few words: "1080p · H.264 · AAC", with the largest picture and each codec once.
export function streamSummary(stream: Stream): string {
  const heights = stream.tracks.map((track) => track.height ?? 0);
  const height = Math.max(0, ...heights);
  const media = stream.tracks.filter(({ content }) => content === "video" || content === "audio");
  const codecs = [...new Set(media.map((track) => codecName(track.codec)))];
  return known([height > 0 ? `${height}p` : undefined, ...codecs]).join(" · ");
}
