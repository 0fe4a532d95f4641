import { expect, it } from "vitest";

import { streamErrors, streamTroubles } from "./health";
import { parseStream } from "./stream_api";

it("what went wrong with a stream is told in words, and what did not is left out", () => {
  const stats = { retry_count: 2, viewers_cut: 0, bytes_in: 900, input: { errors: 7, errors_ts_cc: 5, errors_404: 0, bytes: 9 } };
  const stream = parseStream({ name: "a", stats })!;
  expect(streamTroubles(stream)).toEqual([
    { label: "Input started again", count: 2 },
    { label: "Errors ts cc", count: 5 },
  ]);
  expect(streamErrors(stream)).toBe(7);
});
