import { expect, it } from "vitest";

import { parseServerStats } from "../lib/server_api";
import { ServerHistory, shardLine } from "./history";

it("remembers ten minutes, with gaps where nothing was known", () => {
  const history = new ServerHistory();
  history.add(1000, parseServerStats({ output_kbit: 5 }));
  history.add(3000, parseServerStats({ output_kbit: 7, shards: [{ shard: 0, load: 0.2 }] }));
  history.add(5000, parseServerStats({}));
  expect(history.times).toEqual([1, 3, 5]);
  expect(history.line("output")).toEqual([5, 7, null]);
  expect(history.line(shardLine(0))).toEqual([null, 20, null]);
  expect(history.line("nothing")).toEqual([null, null, null]);
  for (let i = 0; i < 1000; i++) history.add(i, parseServerStats({ output_kbit: i }));
  expect(history.times).toHaveLength(300);
  expect(history.line("output")).toHaveLength(300);
  expect(history.line("output").at(-1)).toBe(999);
});
