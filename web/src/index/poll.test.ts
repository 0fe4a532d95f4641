import { describe, expect, it } from "vitest";

import { ApiError } from "../lib/api";
import { parseStream, type Stream } from "../lib/stream_api";
import { failedList, kEmptyList, nextList } from "./poll";
import { sparkLine } from "../ui/sparkline";

const stream = (name: string, alive: boolean, bitrate = 100): Stream => parseStream({ name, stats: { alive, bitrate } })!;

describe("the list on view", () => {
  it("shows what runs first, in the server's order", () => {
    const streams = [stream("a", false), stream("b", true), stream("c", false), stream("d", true)];
    expect(nextList(kEmptyList, { streams, total: 4 }).streams.map(({ name }) => name)).toEqual(["b", "d", "a", "c"]);
  });

  it("remembers the bitrates of two minutes, and forgets streams that are gone", () => {
    let list = kEmptyList;
    for (let poll = 0; poll < 100; poll++) list = nextList(list, { streams: [stream("a", true, poll)], total: 1 });
    expect(list.history.get("a")).toHaveLength(60);
    expect(list.history.get("a")?.at(-1)).toBe(99);
    expect(nextList(list, { streams: [], total: 0 }).history.size).toBe(0);
  });

  it("stays when the server does not answer", () => {
    const list = nextList(kEmptyList, { streams: [stream("a", true)], total: 1 });
    expect(failedList(list, new TypeError("network"))).toMatchObject({ status: "unreachable", streams: list.streams });
    expect(failedList(list, new ApiError(500)).status).toBe("unreachable");
    expect(failedList(list, new ApiError(401)).status).toBe("denied");
  });
});

describe("the line of bitrates", () => {
  it("needs two samples", () => {
    expect(sparkLine([])).toBe("");
    expect(sparkLine([5])).toBe("");
  });

  it("goes from edge to edge, the highest at the top", () => {
    expect(sparkLine([0, 10, 5])).toBe("M0.0 40.0L60.0 4.0L120.0 22.0");
    expect(sparkLine([0, 0])).toBe("M0.0 40.0L120.0 40.0");
  });
});
