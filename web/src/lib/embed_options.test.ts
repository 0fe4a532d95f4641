import { describe, expect, it } from "vitest";

import { embedOptions } from "./embed_options";

const at = (path: string, search = "") => embedOptions({ origin: "https://tv.example:8443", pathname: path, search });

describe("the name of the stream", () => {
  it("is all before embed.html, slashes included", () => {
    expect(at("/sports/live/one/embed.html").name).toBe("sports/live/one");
    expect(at("/cam/embed.html").name).toBe("cam");
  });

  it("is decoded for people and kept as it is for the playlist", () => {
    const options = at("/a%20b/embed.html");
    expect(options.name).toBe("a b");
    expect(options.playlist).toBe("https://tv.example:8443/a%20b/index.m3u8");
  });

  it("may be badly escaped", () => {
    expect(at("/%zz/embed.html").name).toBe("%zz");
  });

  it("cannot lead to another host", () => {
    expect(new URL(at("//evil.example/embed.html").playlist).host).toBe("tv.example:8443");
  });

  it("may hold a part called embed.html", () => {
    expect(at("/embed.html/embed.html").name).toBe("embed.html");
  });
});

describe("the protocol", () => {
  it.each([
    ["", "index.m3u8"],
    ["?realtime=true", "index.ll.m3u8"],
    ["?realtime=1", "index.ll.m3u8"],
    ["?realtime", "index.ll.m3u8"],
    ["?realtime=false", "index.m3u8"],
    ["?proto=ll-hls", "index.ll.m3u8"],
    ["?proto=hls", "index.m3u8"],
    ["?realtime=true&proto=hls", "index.m3u8"],
    ["?realtime=true&proto=ll-hls", "index.ll.m3u8"],
    ["?proto=webrtc", "index.ll.m3u8"],
    ["?proto=", "index.m3u8"],
  ])("of %j is %s", (search, file) => {
    const options = at("/cam/embed.html", search);
    expect(options.playlist).toBe(`https://tv.example:8443/cam/${file}`);
    expect(options.lowLatency).toBe(file === "index.ll.m3u8");
  });
});

describe("parameters", () => {
  it("that are not the player's go to the playlist, in their order", () => {
    const { playlist } = at("/cam/embed.html", "?autoplay=false&token=a%2Bb%3D&realtime=true&filter.tracks=v1a1");
    expect(playlist).toBe("https://tv.example:8443/cam/index.ll.m3u8?token=a%2Bb%3D&filter.tracks=v1a1");
  });

  it("have defaults: plays at once, with sound, with controls", () => {
    expect(at("/cam/embed.html")).toMatchObject({ autoplay: true, muted: false, controls: true });
  });

  it.each([
    ["?autoplay=false", { autoplay: false }],
    ["?muted=true", { muted: true }],
    ["?mute=1", { muted: true }],
    ["?muted", { muted: true }],
    ["?controls=false", { controls: false }],
    ["?chromeless=true", { controls: false }],
    ["?autoplay=maybe&muted=maybe", { autoplay: true, muted: false }],
  ])("of %j are understood", (search, expected) => {
    expect(at("/cam/embed.html", search)).toMatchObject(expected);
  });
});
