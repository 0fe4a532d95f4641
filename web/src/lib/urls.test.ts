import { describe, expect, it } from "vitest";

import { cleanName, embedUrl, ffmpegCommand, iframeSnippet, namePath, playAddresses, readServer, rtmpPublish } from "./urls";

const server = { origin: "http://tv.example", host: "tv.example", rtmpPort: 1935, publish: [], version: "1.0", login: false };

describe("addresses", () => {
  it("are those of the documentation", () => {
    const urls = Object.fromEntries(playAddresses(server, "sports/one").map(({ id, url }) => [id, url]));
    expect(urls).toEqual({
      hls: "http://tv.example/sports/one/index.m3u8",
      "ll-hls": "http://tv.example/sports/one/index.ll.m3u8",
      tshttp: "http://tv.example/sports/one/mpegts",
      flv: "http://tv.example/sports/one/flv",
      rtmp: "rtmp://tv.example/static/sports/one",
    });
    expect(embedUrl(server, "sports/one", true)).toBe("http://tv.example/sports/one/embed.html?realtime=true");
  });

  it("leave RTMP out where the server has none", () => {
    const ids = playAddresses({ ...server, rtmpPort: 0 }, "cam").map(({ id }) => id);
    expect(ids).not.toContain("rtmp");
  });

  it("name an RTMP port that is not the usual one", () => {
    expect(rtmpPublish({ ...server, rtmpPort: 19350 }, "cam", false).server).toBe("rtmp://tv.example:19350/static");
    expect(rtmpPublish({ ...server, host: "[::1]" }, "cam", false).server).toBe("rtmp://[::1]/static");
  });

  it("escape what a name should not have", () => {
    expect(namePath('a b/"><script>/c')).toBe("a%20b/%22%3E%3Cscript%3E/c");
    expect(iframeSnippet(server, '"><script>', false)).not.toContain("<script>");
  });

  it("are two for who publishes from OBS", () => {
    expect(rtmpPublish(server, "live/mine", false)).toEqual({ server: "rtmp://tv.example/live", key: "mine" });
    expect(rtmpPublish(server, "live/events/final", false)).toEqual({ server: "rtmp://tv.example/live", key: "events/final" });
    expect(rtmpPublish(server, "static/one", false)).toEqual({ server: "rtmp://tv.example/static", key: "static/one" });
    expect(rtmpPublish(server, "studio", true)).toEqual({ server: "rtmp://tv.example/static", key: "studio?password=PASSWORD" });
  });

  it("make a command to publish", () => {
    expect(ffmpegCommand(server, "live/mine", false)).toMatch(/^ffmpeg -re .* -f flv rtmp:\/\/tv\.example\/live\/mine$/);
    expect(ffmpegCommand(server, "cam", true)).toMatch(/ "rtmp:\/\/tv\.example\/static\/cam\?password=PASSWORD"$/);
  });
});

describe("a typed name", () => {
  it.each([
    ["my-stream", "my-stream"],
    ["My Stream", "My-Stream"],
    ["/sports//one/", "sports/one/"],
    ["a;rm -rf $HOME", "arm--rf-HOME"],
    ["été_1.2", "t_1.2"],
  ])("%j becomes %j", (typed, name) => {
    expect(cleanName(typed)).toBe(name);
  });
});

describe("what the server wrote into the page", () => {
  const location = { origin: "http://tv.example", hostname: "tv.example" } as Location;
  const page = (text: string | null) =>
    ({ getElementById: (id: string) => (id === "server" && text !== null ? { textContent: text } : null) }) as unknown as Document;

  it("is read", () => {
    const publish = '[{"prefix":"live","password":false},{"prefix":"","password":true},{"name":"studio","password":true}]';
    expect(readServer(page(`{"rtmp_port":19350,"version":"0.1.0","login":true,"publish":${publish}}`), location)).toEqual({
      origin: "http://tv.example",
      host: "tv.example",
      rtmpPort: 19350,
      publish: [
        { name: "live/", isPrefix: true, password: false },
        { name: "", isPrefix: true, password: true },
        { name: "studio", isPrefix: false, password: true },
      ],
      version: "0.1.0",
      login: true,
    });
  });

  it.each([null, "", "not json", '{"rtmp_port":"1","version":2,"publish":[null,1,{"prefix":2}]}'])("may be %j", (text) => {
    expect(readServer(page(text), location)).toMatchObject({ rtmpPort: 1935, publish: [], version: "", login: false });
  });
});
