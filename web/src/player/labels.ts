import { formatBitrate, languageName } from "../lib/format";

export interface QualityInfo {
  height: number;
  frameRate: number;
  /** bit/s */
  bitrate: number;
}

const kFastFrameRate = 48; // from here on it is worth saying

/// What the quality menu says: "1080p", "720p60"; where that does not tell two apart, with the bitrate.
export function qualityLabels(levels: QualityInfo[]): string[] {
  const short = levels.map(({ height, frameRate, bitrate }) =>
    height > 0 ? `${height}p${frameRate >= kFastFrameRate ? Math.round(frameRate) : ""}` : formatBitrate(bitrate / 1000),
  );
  return levels.map((level, index) => {
    const label = short[index] ?? "";
    const alone = short.filter((other) => other === label).length === 1;
    return alone ? label : `${label} · ${formatBitrate(level.bitrate / 1000)}`;
  });
}

/// What the audio and subtitle menus say. Our server names a track by language and id, "eng a1", which a person reads
/// better as "English"; any other name is somebody's choice and stays.
export function trackLabel(track: { name: string; lang?: string | undefined }): string {
  const language = languageName(track.lang ?? "");
  const machineMade = /^(\w{2,3} )?[at]\d+$/.test(track.name);
  return machineMade && language !== "" ? language : track.name || language || "Track";
}
