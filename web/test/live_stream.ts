import { kPartSeconds, kParts, kPartsPerSegment, kSegmentSeconds, type Media } from "./media";

export type Rendition = { kind: "media"; media: Media } | { kind: "subtitles" };

const kListed = 6;
const kMediaSegments = kParts / kPartsPerSegment;

/// A live stream that plays its media in a loop, as a server would list it (RFC 8216bis).
export class LiveStream {
  /** Part of an address to rendition: "v1", "a1", "t1". */
  readonly renditions: Map<string, Rendition>;
  readonly master: (media: (id: string) => string) => string;
  #epochMs: number;
  #firstSegment = 1_000;
  #firstDiscontinuity = 10;
  #stoppedAtMs: number | undefined;

  constructor(renditions: Record<string, Rendition>, master: (media: (id: string) => string) => string) {
    this.renditions = new Map(Object.entries(renditions));
    this.master = master;
    this.#epochMs = Date.now() - kListed * kSegmentSeconds * 1000;
  }

  /** The publisher goes away; what is listed stays listed. */
  stop(): void {
    this.#stoppedAtMs = Date.now();
  }

  /** The publisher begins, with higher numbers and nothing listed yet. */
  start(): void {
    this.#firstSegment += this.#parts() / kPartsPerSegment + 7;
    this.#firstSegment = Math.ceil(this.#firstSegment);
    this.#firstDiscontinuity += 100;
    this.#stoppedAtMs = undefined;
    this.#epochMs = Date.now();
  }

  /// Parts that are complete.
  #parts(): number {
    return Math.floor(((this.#stoppedAtMs ?? Date.now()) - this.#epochMs) / (kPartSeconds * 1000));
  }

  get listed(): boolean {
    return this.#parts() >= kPartsPerSegment;
  }

  /// Milliseconds until part `part` of segment `segment` is there, 0 if it is.
  untilMs(segment: number, part: number): number {
    const index = (segment - this.#firstSegment) * kPartsPerSegment + part;
    return Math.max(0, this.#epochMs + (index + 1) * kPartSeconds * 1000 - Date.now());
  }

  bytes(id: string, segment: number, part?: number): Buffer | string | undefined {
    const rendition = this.renditions.get(id);
    const index = segment - this.#firstSegment;
    if (rendition === undefined || index < 0) return undefined;
    const loop = index % kMediaSegments;
    if (rendition.kind === "subtitles") return subtitles(loop, segment);
    const first = loop * kPartsPerSegment;
    if (part !== undefined) return rendition.media.parts[first + part];
    return Buffer.concat(rendition.media.parts.slice(first, first + kPartsPerSegment));
  }

  playlist(id: string, lowLatency: boolean): string {
    const parts = this.#parts();
    const complete = Math.floor(parts / kPartsPerSegment);
    const first = Math.max(0, complete - kListed);
    const isText = this.renditions.get(id)?.kind === "subtitles";
    const withParts = lowLatency && !isText;
    const lines = [
      "#EXTM3U",
      "#EXT-X-VERSION:9",
      `#EXT-X-TARGETDURATION:${Math.ceil(kSegmentSeconds)}`,
      ...(withParts
        ? [
            `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${(3 * kPartSeconds).toFixed(3)}`,
            `#EXT-X-PART-INF:PART-TARGET=${kPartSeconds}`,
          ]
        : []),
      `#EXT-X-MEDIA-SEQUENCE:${this.#firstSegment + first}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${this.#firstDiscontinuity + Math.floor(Math.max(0, first - 1) / kMediaSegments)}`,
      ...(isText ? [] : ['#EXT-X-MAP:URI="init.mp4"']),
    ];
    for (let index = first; index < complete; index++) {
      if (index > 0 && index % kMediaSegments === 0) lines.push("#EXT-X-DISCONTINUITY");
      const utc = new Date(this.#epochMs + index * kSegmentSeconds * 1000).toISOString();
      const number = this.#firstSegment + index;
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${utc}`);
      if (withParts && index >= complete - 2) lines.push(...this.#partLines(number, kPartsPerSegment));
      lines.push(`#EXTINF:${kSegmentSeconds.toFixed(3)},`, `${number}.${isText ? "vtt" : "m4s"}`);
    }
    if (withParts) {
      if (complete > 0 && complete % kMediaSegments === 0) lines.push("#EXT-X-DISCONTINUITY");
      const open = parts % kPartsPerSegment;
      lines.push(...this.#partLines(this.#firstSegment + complete, open));
      lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${this.#firstSegment + complete}.${open}.m4s"`);
    }
    return `${lines.join("\n")}\n`;
  }

  #partLines(segment: number, count: number): string[] {
    return Array.from(
      { length: count },
      (_unused, part) => `#EXT-X-PART:DURATION=${kPartSeconds},INDEPENDENT=YES,URI="${segment}.${part}.m4s"`,
    );
  }
}

function subtitles(loop: number, segment: number): string {
  const time = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 23);
  const begin = loop * kSegmentSeconds;
  return `WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n${time(begin)} --> ${time(begin + kSegmentSeconds)}\nSubtitles of segment ${segment}\n`;
}

/// One variant with sound.
export function simpleMaster(resolution: string): (media: (id: string) => string) => string {
  return (media) =>
    `#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM-INF:BANDWIDTH=1500000,RESOLUTION=${resolution},FRAME-RATE=31.25,CODECS="avc1.42c01f,mp4a.40.2"\n${media("v1")}\n`;
}

/// Two qualities, two languages, subtitles.
export function richMaster(media: (id: string) => string): string {
  const variant = (id: string, bandwidth: number, size: string) =>
    `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${size},FRAME-RATE=31.25,CODECS="avc1.42c01f,mp4a.40.2",AUDIO="aac",SUBTITLES="text"\n${media(id)}`;
  return [
    "#EXTM3U",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    `#EXT-X-MEDIA:URI="${media("a1")}",TYPE=AUDIO,GROUP-ID="aac",NAME="eng a1",LANGUAGE="eng",DEFAULT=YES,AUTOSELECT=YES`,
    `#EXT-X-MEDIA:URI="${media("a2")}",TYPE=AUDIO,GROUP-ID="aac",NAME="deu a2",LANGUAGE="deu",DEFAULT=NO,AUTOSELECT=YES`,
    `#EXT-X-MEDIA:URI="${media("t1")}",TYPE=SUBTITLES,GROUP-ID="text",NAME="eng t1",LANGUAGE="eng",DEFAULT=NO,AUTOSELECT=YES`,
    variant("v2", 500_000, "320x180"),
    variant("v1", 1_500_000, "640x360"),
    "",
  ].join("\n");
}
