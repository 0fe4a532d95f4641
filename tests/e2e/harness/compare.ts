import assert from "node:assert/strict";

import type { Clip } from "./clip";
import { kIncomplete, kUndecoded, type Packet, type Recording } from "./viewer";

/// Times of FLV are whole milliseconds; what was measured may be off by one at each end.
const kMillisecond = 0.001;
const kRounding = 2.1 * kMillisecond;

const kAdtsHeader = 7; // bytes before each frame of AAC in MPEG-TS

/// Fails unless `got` is what a viewer of `clip` should have received when he closed his player at its end: every picture
/// once and in order, every frame of sound, stamps that rise, and sound and picture as far apart as in the clip.
/// `from`: the number of the first picture, or any with which a GOP begins.
export function assertPlayed(got: Recording, clip: Clip, from: number | "keyframe"): void {
  const { frames, gop } = clip.options;
  const first = got.numbers[0] ?? Number.NaN;
  if (from === "keyframe") assert.equal(first % gop, 0, `begins with picture ${first}, no keyframe`);
  else assert.equal(first, from, "the first picture");
  assertConsecutive(got.numbers);
  assertMissing("packets", frames - first - got.video.length, kIncomplete);
  assertMissing("pictures", frames - first - got.numbers.length, kUndecoded);

  const video = videoShift(got, clip);
  if (clip.options.audio === "none") return assert.equal(got.audio.length, 0);
  const audio = audioShift(got, clip);
  const apart = Math.abs(video - audio);
  assert.ok(apart <= kRounding, `sound is ${apart} s off the picture`);
}

/// Fails unless `got` is all of `original` but for one packet at most, with stamps that are shifted by the same: what
/// sounds before the first picture is left out. Returns by how much; nothing where there are no packets.
export function assertTrack(what: string, got: readonly Packet[], original: readonly Packet[]): number | undefined {
  assertMissing(`packets of ${what}`, original.length - got.length, Math.min(original.length, kIncomplete));
  assertRising(got);
  if (got.length === 0) return undefined;
  const starts = [0, kAdtsHeader].map((header) => findRun(got, original, header)).filter((start) => start >= 0);
  // Pictures are packed differently in MPEG-TS: their sizes say nothing.
  assert.ok(starts.length > 0 || what === "picture", `${got.length} packets of ${what} are no run of ${original.length}`);
  const [start = 0] = starts;
  return sameShift(what, got.map(({ pts }, i) => pts - (original[start + i]?.pts ?? Number.NaN)));
}

function assertMissing(what: string, missing: number, allowed: number): void {
  assert.ok(missing >= 0 && missing <= allowed, `${missing} ${what} are missing at the end`);
}

/// Each picture shows the number after the one before.
export function assertConsecutive(numbers: readonly number[]): void {
  assert.equal(runsOf(numbers).length, 1, `pictures ${JSON.stringify(runsOf(numbers))}`);
}

/// The stretches of consecutive numbers: first and last of each.
export function runsOf(numbers: readonly number[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && number === run[1] + 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}

/// Decoding times rise strictly, and no frame is shown before it is decoded.
export function assertRising(packets: readonly Packet[]): void {
  packets.forEach((packet, i) => {
    const before = packets[i - 1];
    assert.ok(!before || packet.dts > before.dts, `dts ${packet.dts} after ${before?.dts}, at ${i}`);
    assert.ok(packet.pts >= packet.dts, `pts ${packet.pts} before dts ${packet.dts}, at ${i}`);
  });
}

/// How much later the video of `got` is than that of the clip, which must be the same for every frame.
function videoShift(got: Recording, clip: Clip): number {
  assertRising(got.video);
  const shown = got.video.map(({ pts }) => pts).sort((a, b) => a - b);
  const original = clip.recording.video.map(({ pts }) => pts).sort((a, b) => a - b);
  return sameShift("picture", got.numbers.map((number, i) => (shown[i] ?? Number.NaN) - (original[number] ?? Number.NaN)));
}

/// The same of the audio, whose frames are found in the clip by their sizes.
function audioShift(got: Recording, clip: Clip): number {
  assertRising(got.audio);
  const original = clip.recording.audio;
  const header = [0, kAdtsHeader].find((size) => findRun(got.audio, original, size) >= 0);
  assert.ok(header !== undefined, `${got.audio.length} frames of sound are no run of the clip's ${original.length}`);
  const start = findRun(got.audio, original, header);
  return sameShift("sound", got.audio.map(({ pts }, i) => pts - (original[start + i]?.pts ?? Number.NaN)));
}

function findRun(part: readonly Packet[], whole: readonly Packet[], header: number): number {
  for (let start = 0; start + part.length <= whole.length; start += 1) {
    if (part.every(({ size }, i) => size === (whole[start + i]?.size ?? 0) + header)) return start;
  }
  return -1;
}

function sameShift(what: string, shifts: readonly number[]): number {
  const [least, most] = [Math.min(...shifts), Math.max(...shifts)];
  assert.ok(most - least <= kRounding, `the stamps of ${what} differ from the clip's by ${least} to ${most} s`);
  return (least + most) / 2;
}
