import { describe, expect, it } from "vitest";

import { qualityLabels, trackLabel } from "./labels";
import { menuSections } from "./settings_menu";
import { kNoMenus } from "./source";
import { codecsInWords } from "./status";

const level = (height: number, frameRate: number, bitrate: number) => ({ height, frameRate, bitrate });

describe("labels of the menus", () => {
  it("name qualities as short as they can be told apart", () => {
    const levels = [level(360, 25, 800_000), level(720, 25, 2_000_000), level(720, 50, 3_000_000), level(1080, 25, 4e6), level(1080, 25, 6e6), level(0, 0, 96_000)];
    expect(qualityLabels(levels)).toEqual(["360p", "720p", "720p50", "1080p · 4.0 Mbit/s", "1080p · 6.0 Mbit/s", "96 kbit/s"]);
  });

  it("name tracks by language, and leave names that somebody chose", () => {
    expect(trackLabel({ name: "eng a1", lang: "eng" })).toBe("English");
    expect(trackLabel({ name: "a2", lang: "deu" })).toBe("German");
    expect(trackLabel({ name: "Stadium sound", lang: "eng" })).toBe("Stadium sound");
    expect(trackLabel({ name: "a1" })).toBe("a1");
    expect(trackLabel({ name: "" })).toBe("Track");
  });

  it("name codecs", () => {
    expect(codecsInWords("hvc1.1.6.L93.B0,ec-3")).toBe("HEVC and E-AC-3");
    expect(codecsInWords("zzzz")).toBe("the codecs of this stream");
  });
});

describe("the settings menu", () => {
  const choices = (...labels: string[]) => labels.map((label, id) => ({ id, label }));

  it("has only what can be chosen", () => {
    expect(menuSections(kNoMenus)).toEqual([]);
    const one = { ...kNoMenus, quality: { choices: choices("720p"), chosen: -1 }, audio: { choices: choices("English"), chosen: 0 } };
    expect(menuSections(one)).toEqual([]);
  });

  it("has the best quality first, after the automatic one, and subtitles that can be off", () => {
    const sections = menuSections({
      quality: { choices: choices("360p", "720p"), chosen: 1 },
      audio: { choices: choices("English", "German"), chosen: 0 },
      subtitles: { choices: choices("English"), chosen: -1 },
    });
    expect(sections.map(({ title, choices: shown }) => [title, ...shown.map(({ label }) => label)])).toEqual([
      ["Quality", "Automatic", "720p", "360p"],
      ["Audio", "English", "German"],
      ["Subtitles", "Off", "English"],
    ]);
  });
});
