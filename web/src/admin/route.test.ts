import { describe, expect, it } from "vitest";

import { parseRoute, routeHash } from "./route";

describe("the address of a page", () => {
  it.each([
    ["", { page: "overview", rest: [] }],
    ["#/streams", { page: "streams", rest: [] }],
    ["#/streams/studio%2Fmain/edit", { page: "streams", rest: ["studio/main", "edit"] }],
    ["#/streams/100%", { page: "streams", rest: ["100%"] }],
  ])("%j", (hash, route) => {
    expect(parseRoute(hash)).toMatchObject(route);
  });

  it("comes back as it was made", () => {
    const query = { q: "a&b=c #1", sort: "-stats.bitrate", cursor: "" };
    const route = parseRoute(routeHash("streams", ["a/b?c"], query));
    expect(route.rest).toEqual(["a/b?c"]);
    expect(Object.fromEntries(route.query)).toEqual({ q: "a&b=c #1", sort: "-stats.bitrate" });
  });
});
