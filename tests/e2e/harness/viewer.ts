import { createInterface } from "node:readline";

import { Program } from "./program";
import { until } from "./wait";

/// One packet of a track. Times in seconds, as the container says them.
export interface Packet {
  dts: number;
  pts: number;
  size: number;
}

/// What a player received of one run of a stream.
export interface Recording {
  /// The numbers that the decoded pictures show, in the order of showing.
  numbers: number[];
  video: Packet[];
  audio: Packet[];
}

/// What a live player has not shown yet of what was sent: a decoder waits for B-frames, and a reader of MPEG-TS takes a
/// packet for complete when the next one begins.
export const kUndecoded = 5; // pictures
export const kIncomplete = 1; // packets

const kCells = 32;

/// The filter that makes of each picture the 32 cells of its frame number (docs/fake.md), a byte for each.
export const kNumberFilter = "format=gray,crop=iw:2:0:ih-4,scale=32:1:flags=area,setsar=1";

/// The frame number of 32 grey cells, or -1 where a cell is neither black nor white.
export function numberOf(cells: Uint8Array): number {
  let number = 0;
  for (const cell of cells) {
    if (cell >= 96 && cell <= 160) return -1;
    number = number * 2 + (cell > 160 ? 1 : 0);
  }
  return number;
}

/// The frame numbers of pictures that the filter made, one behind the other.
export function numbersOf(pictures: Uint8Array): number[] {
  const numbers: number[] = [];
  for (let at = 0; at + kCells <= pictures.length; at += kCells) numbers.push(numberOf(pictures.subarray(at, at + kCells)));
  return numbers;
}

/// What ffmpeg says in passing that is no complaint.
const kHarmless = [
  /^\s*$/,
  /Last message repeated/,
  /Could not find codec parameters for stream \d+ \(Data/,
  /New subtitle stream/, // it takes the second onMetaData of FLV for text
  /Found duplicated MOOV Atom/, // it reads the init segment anew after each reload of a playlist
];

/// ffmpeg plays an address, decodes all of it, and says which pictures it has seen while it goes on.
export class Viewer {
  readonly program: Program;
  readonly recording: Recording = { numbers: [], video: [], audio: [] };
  readonly #timeBase = new Map<number, number>();
  readonly #tracks = new Map<number, Packet[]>();
  readonly #read: Promise<void>;

  /// `input`: ffmpeg's options for what it reads. An address without video is played with `video: false`.
  constructor(url: string, options: { input?: readonly string[]; video?: boolean } = {}) {
    const video = options.video ?? true;
    const asItComes = ["-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-flush_packets", "1"];
    const numbers = ["-map", "0:v:0", "-vf", kNumberFilter, ...asItComes];
    const packets = [...(video ? ["-map", "0:v:0", "-map", "0:a:0?"] : ["-map", "0:a:0"]), "-c", "copy", "-copyinkf"];
    this.program = new Program(
      "ffmpeg",
      [
        ["-hide_banner", "-v", "warning", "-nostats", "-copyts", "-analyzeduration", "3M", "-threads", "1"],
        options.input ?? [],
        ["-i", url],
        video ? [...numbers, "-f", "rawvideo", "pipe:3"] : [],
        [...packets, "-avoid_negative_ts", "disabled", "-flush_packets", "1", "-f", "framecrc", "pipe:1"],
        ["-map", "0:a:0?", "-map", "0:v:0?", ...asItComes, "-f", "null", "-"],
      ].flat(),
      { extraPipe: true, takeOutput: true },
    );
    let rest = Buffer.alloc(0);
    this.program.extra.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      this.recording.numbers.push(...numbersOf(rest));
      rest = rest.subarray(rest.length - (rest.length % kCells));
    });
    const lines = createInterface({ input: this.program.stdout });
    lines.on("line", (line) => this.#packet(line));
    this.#read = new Promise((resolve) => lines.on("close", resolve));
  }

  get numbers(): readonly number[] {
    return this.recording.numbers;
  }

  /// Waits until a picture with that number or a higher one has been decoded after the first `from` pictures.
  async sees(number: number, from = 0): Promise<void> {
    await this.#until(`picture ${number}`, () => this.numbers.slice(from).some((seen) => seen >= number));
  }

  /// Waits until the packet of that picture has come, if none before it is missing. A decoder gives its last pictures
  /// only when the stream ends.
  async receives(number: number): Promise<void> {
    const { numbers, video } = this.recording;
    await this.#until(`the packet of picture ${number}`, () => (numbers[0] ?? Number.NaN) + video.length > number);
  }

  /// Waits until the address has been played to its end.
  async ended(): Promise<Recording> {
    await this.program.done();
    await this.#read;
    return this.recording;
  }

  /// Closes the player.
  async stop(): Promise<Recording> {
    this.program.kill("SIGKILL"); // not SIGINT: ffmpeg goes on asking for a playlist that is gone
    await this.program.exited;
    await this.#read;
    return this.recording;
  }

  /// Plays up to that picture, the last one that is sent, and closes the player; it is closed in any case.
  async until(last: number): Promise<Recording> {
    try {
      await this.receives(last - kIncomplete);
      await this.sees(last - kUndecoded);
      return await this.stop();
    } finally {
      this.program.kill("SIGKILL");
    }
  }

  /// What ffmpeg found wrong with the stream.
  get complaints(): string[] {
    return this.program.log.split("\n").filter((line) => !kHarmless.some((harmless) => harmless.test(line)));
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    try {
      await until(what, condition, () => !this.program.running);
    } catch (error) {
      const { numbers, video } = this.recording;
      const so = `${video.length} packets, pictures ${numbers[0]} to ${numbers.at(-1)}`;
      throw new Error(`${(error as Error).message}; ${so}; ${this.program.label}:\n${this.program.log}`);
    }
  }

  /// A line of framecrc: "#tb 0: 1/1000", "#media_type 0: video", or stream, dts, pts, duration, size, checksum.
  #packet(line: string): void {
    const header = /^#(tb|media_type) (\d+): (.*)$/.exec(line);
    if (header) {
      const [, what, index, value = ""] = header;
      if (what === "tb") {
        const [numerator = 0, denominator = 1] = value.split("/").map(Number);
        this.#timeBase.set(Number(index), numerator / denominator);
      } else {
        this.#tracks.set(Number(index), value === "video" ? this.recording.video : this.recording.audio);
      }
      return;
    }
    if (line.startsWith("#")) return;
    const [index = 0, dts = 0, pts = 0, , size = 0] = line.split(",").map(Number);
    const unit = this.#timeBase.get(index) ?? Number.NaN;
    this.#tracks.get(index)?.push({ dts: dts * unit, pts: pts * unit, size });
  }
}
