import { spawn } from "node:child_process";

/// Test media for a live stream: fragments of equal length that can be played in a loop.

/// A fragment holds 16 frames of video and 16 of audio, both exactly this long.
export const kPartSeconds = 0.512;
export const kPartsPerSegment = 4;
export const kSegmentSeconds = kPartSeconds * kPartsPerSegment;
const kSegments = 8;
export const kParts = kSegments * kPartsPerSegment;

export interface Media {
  init: Buffer;
  /** kParts of them. */
  parts: Buffer[];
}

async function run(program: string, args: string[]): Promise<Buffer> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const code = child.exitCode ?? (await new Promise((resolve) => child.once("close", resolve)));
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return Buffer.concat(chunks);
}

/// Takes a fragmented MP4 apart: [size:32][type:32] boxes (ISO/IEC 14496-12, 4.2).
function fragments(mp4: Buffer): Media {
  const init: Buffer[] = [];
  const parts: Buffer[] = [];
  let moof: Buffer | undefined;
  for (let at = 0; at + 8 <= mp4.length; ) {
    const size = mp4.readUInt32BE(at);
    const box = mp4.subarray(at, at + size);
    const type = box.toString("latin1", 4, 8);
    if (type === "ftyp" || type === "moov") init.push(box);
    if (type === "moof") moof = box;
    if (type === "mdat" && moof !== undefined) parts.push(Buffer.concat([moof, box]));
    at += size;
  }
  if (parts.length < kParts) throw new Error(`${parts.length} fragments instead of ${kParts}`);
  return { init: Buffer.concat(init), parts: parts.slice(0, kParts) };
}

const kSeconds = String(kParts * kPartSeconds);
const kMp4 = ["-t", kSeconds, "-f", "mp4", "-movflags", "empty_moov+default_base_moof+frag_keyframe", "pipe:1"];
const kVideo = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "16", "-keyint_min", "16", "-sc_threshold", "0"];
const kAudio = ["-c:a", "aac", "-ar", "32000", "-b:a", "64k"];
const lavfi = (graph: string) => ["-f", "lavfi", "-i", graph];
const ffmpeg = (...args: string[][]) => run("ffmpeg", ["-hide_banner", "-loglevel", "error", ...args.flat()]).then(fragments);

/// Pictures of `size` ("640x360") from a lavfi source with its options: "testsrc2=".
export const video = (source: string, size: string) => ffmpeg(lavfi(`${source}size=${size}:rate=125/4`), kVideo, kMp4);

export const audio = (hertz: number) =>
  ffmpeg(lavfi(`sine=frequency=${hertz}:sample_rate=32000`), kAudio, ["-frag_duration", "512000"], kMp4);

export const videoWithAudio = (source: string, size: string, hertz: number) =>
  ffmpeg(lavfi(`${source}size=${size}:rate=125/4`), lavfi(`sine=frequency=${hertz}:sample_rate=32000`), kVideo, kAudio, kMp4);
