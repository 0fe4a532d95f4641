import { describe, expect, it } from "vitest";

import { ApiError } from "./api";
import { parseProblems, problemsOf } from "./problems";

describe("what is wrong with a configuration", () => {
  it("is read from the answer about a text", () => {
    const body = { error: "bad_url", detail: "no scheme", line: 3, col: 34, path: ["streams", 0, "inputs", 0, "url"] };
    expect(parseProblems(body)).toEqual([{ message: "no scheme", line: 3, column: 34, pointer: "/streams/0/inputs/0/url", warning: false }]);
  });

  it("is read from the list about an object", () => {
    const body = { errors: [{ title: "unknown scheme", source: { pointer: "/inputs/1/url" } }, { title: "b", meta: { line: "3", col: "7" } }] };
    expect(parseProblems(body)).toEqual([
      { message: "unknown scheme", pointer: "/inputs/1/url", warning: false },
      { message: "b", line: 3, column: 7, pointer: "", warning: false },
    ]);
  });

  it.each([undefined, null, {}, [], { errors: [1] }, { config: {} }])("is nothing in %j", (body) => {
    expect(parseProblems(body)).toEqual([]);
  });

  it("is not what a refusal of another kind says", () => {
    expect(problemsOf(new ApiError(403, { error: "authorization_failed" }))).toBeUndefined();
    expect(problemsOf(new ApiError(500, { error: "x" }))).toBeUndefined();
    expect(problemsOf(new TypeError("network"))).toBeUndefined();
    expect(problemsOf(new ApiError(400, { error: "bad_url" }))).toHaveLength(1);
  });
});
