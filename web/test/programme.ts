import { LiveStream, richMaster, simpleMaster } from "./live_stream";
import { audio, video, videoWithAudio } from "./media";
import type { MockServer } from "./mock_server";

/// The streams of the mock server, and what its list says about them.

const video1080 = { track_id: "v1", content: "video", codec: "h264", width: 1920, height: 1080, fps: 25, bitrate: 4120 };
const stereo = { track_id: "a1", content: "audio", codec: "aac", sample_rate: 48000, channels: 2, bitrate: 128, language: "eng" };

function entry(name: string, title: string, bitrate: number, viewers: number, tracks: object[], lifetime: number): Record<string, unknown> {
  return {
    name,
    ...(title === "" ? {} : { title }),
    stats: { status: "running", alive: true, bitrate, online_clients: viewers, input_bitrate: bitrate, lifetime, media_info: { tracks } },
    inputs: [{ url: "publish://" }],
  };
}

/// A bitrate as encoders have it.
const wave = (kbits: number) => Math.round(kbits * (1 + 0.12 * Math.sin(Date.now() / 2_700)));

/// Names and titles are somebody else's text: one is hostile.
export function programmeList(): Record<string, unknown>[] {
  return [
    entry("studio/main", "Main studio", wave(4310), 128, [video1080, { ...video1080, track_id: "v2", width: 1280, height: 720, bitrate: 1840 }, stereo, { ...stereo, track_id: "a2", language: "deu" }, { track_id: "t1", content: "text", codec: "wvtt", language: "eng" }], 3 * 3600_000 + 754_000),
    entry("harbour-cam", "", 1980, 17, [{ ...video1080, width: 1280, height: 720, fps: 29.97002997, bitrate: 1900 }], 12 * 86_400_000),
    entry("radio", "Radio Sluice", 128, 342, [{ ...stereo, codec: "mp3", sample_rate: 44100 }], 75_000),
    entry("tests/<b>bold</b>&amp;", "<img src=x onerror=alert(1)>", 890, 1, [video1080, stereo], 9_000),
    { name: "obs", stats: { status: "waiting", alive: false, online_clients: 0 }, inputs: [{ url: "publish://" }] },
    { name: "roof-cam", stats: { status: "error", alive: false, online_clients: 0 }, inputs: [{ url: "rtsp://roof" }] },
  ];
}

export async function addProgramme(server: MockServer): Promise<void> {
  const [large, small, english, german, harbour, radio] = await Promise.all([
    video("testsrc2=", "640x360"),
    video("testsrc2=", "320x180"),
    audio(440),
    audio(330),
    videoWithAudio("mandelbrot=start_scale=0.8:end_scale=0.01:end_pts=600:", "640x360", 220),
    audio(550),
  ]);
  const media = (found: typeof large) => ({ kind: "media", media: found }) as const;
  const studio = { v1: media(large), v2: media(small), a1: media(english), a2: media(german), t1: { kind: "subtitles" } as const };
  server.streams.set("studio/main", new LiveStream(studio, richMaster));
  server.streams.set("harbour-cam", new LiveStream({ v1: media(harbour) }, simpleMaster("640x360")));
  server.streams.set(
    "radio",
    new LiveStream({ v1: media(radio) }, (url) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=80000,CODECS="mp4a.40.2"\n${url("v1")}\n`),
  );
  server.api.streams = programmeList;
}
