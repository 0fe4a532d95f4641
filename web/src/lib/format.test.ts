import { describe, expect, it } from "vitest";

import { codecName, formatBitrate, formatChannels, formatCount, formatDuration, formatFps, formatLatency, languageName } from "./format";

describe("formats", () => {
  it.each([
    [undefined, "–"],
    [Number.NaN, "–"],
    [-1, "–"],
    [0, "0 kbit/s"],
    [999, "999 kbit/s"],
    [4310, "4.3 Mbit/s"],
    [250_000, "250 Mbit/s"],
    [1_250_000, "1.3 Gbit/s"],
  ])("bitrate %j", (kbits, text) => expect(formatBitrate(kbits)).toBe(text));

  it.each([
    [undefined, "–"],
    [0, "0:00"],
    [75_900, "1:15"],
    [3_600_000, "1:00:00"],
    [86_400_000 * 2 + 3 * 3_600_000, "2 d 3 h"],
  ])("duration %j", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    [-0.2, "0.0 s"],
    [1.84, "1.8 s"],
    [14.4, "14 s"],
  ])("latency %j", (seconds, text) => expect(formatLatency(seconds)).toBe(text));

  it("frame rates, channels, counts", () => {
    expect(formatFps(30000 / 1001)).toBe("29.97 fps");
    expect(formatFps(25)).toBe("25 fps");
    expect([1, 2, 6, 3].map(formatChannels)).toEqual(["mono", "stereo", "5.1", "3 channels"]);
    expect(formatCount(12_345)).toBe("12,345");
  });

  it("names of codecs and languages", () => {
    expect(codecName("h264")).toBe("H.264");
    expect(codecName("xyz1")).toBe("XYZ1");
    expect(languageName("eng")).toBe("English");
    expect(languageName("und")).toBe("");
    expect(languageName("not a code")).toBe("not a code");
  });
});
