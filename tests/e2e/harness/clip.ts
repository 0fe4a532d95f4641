import { resolve } from "node:path";

import { Program } from "./program";
import { temporaryFile } from "./temporary";
import { Viewer, type Recording } from "./viewer";

const kFake = process.env["SLUICE"]
  ? resolve(process.env["SLUICE"], "../sluice-fake")
  : resolve(import.meta.dirname, "../../../build/release/sluice-fake");

export interface ClipOptions {
  frames: number;
  fps?: string;
  width?: number;
  height?: number;
  gop?: number; // frames
  bFrames?: number;
  sampleRate?: number;
  audio?: "aac" | "libmp3lame" | "none";
}

/// A file of FLV whose pictures show their number, from 0, and what a player makes of the file itself.
export interface Clip {
  path: string;
  options: Required<ClipOptions>;
  recording: Recording;
}

/// Encodes the test picture anew with libx264, so that what is published comes from an encoder of others.
export async function makeClip(options: ClipOptions): Promise<Clip> {
  const all: Required<ClipOptions> = {
    ...{ fps: "25", width: 320, height: 180, gop: 25, bFrames: 0, sampleRate: 48_000, audio: "aac" },
    ...options,
  };
  const path = temporaryFile("clip.flv");
  const picture = new Program(
    kFake,
    ["--frames", `${all.frames}`, "--fps", all.fps, "--width", `${all.width}`, "--height", `${all.height}`, "--no-pace"],
    { takeOutput: true },
  );
  const gop = `keyint=${all.gop}:min-keyint=${all.gop}:scenecut=0:b-adapt=0:open-gop=0`;
  const encoder = new Program("ffmpeg", [
    ...["-v", "error", "-y", "-f", "flv", "-i", "pipe:0", "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "ultrafast"],
    ...["-bf", `${all.bFrames}`, "-x264-params", gop],
    ...(all.audio === "none" ? ["-an"] : ["-c:a", all.audio, "-ar", `${all.sampleRate}`, "-b:a", "64k"]),
    path,
  ]);
  picture.stdout.pipe(encoder.stdin);
  await encoder.done();
  await picture.done();
  return { path, options: all, recording: await new Viewer(path).ended() };
}

/// ffmpeg publishes a clip at real-time pace.
export function publish(url: string, clip: Pick<Clip, "path">, options: { input?: readonly string[]; output?: readonly string[] } = {}): Program {
  const input = ["-re", ...(options.input ?? []), "-i", clip.path];
  const output = ["-c", "copy", ...(options.output ?? []), "-f", "flv", url];
  return new Program("ffmpeg", ["-hide_banner", "-v", "warning", "-nostats", ...input, ...output]);
}
