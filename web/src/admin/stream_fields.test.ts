import { describe, expect, it } from "vitest";

import { changesOf, formOf, kNewStream } from "./stream_fields";

const stream = {
  name: "cam",
  title: "from the template",
  config_on_disk: {
    name: "cam",
    inputs: [{ url: "publish://" }, { url: "rtsp://roof", priority: 2, stats: { bytes: 1 } }],
    segment_duration: 4000,
    static: false,
  },
};

describe("the form of a stream", () => {
  it("shows what its own configuration says", () => {
    expect(formOf(stream)).toMatchObject({ name: "cam", title: "", inputs: ["publish://", "rtsp://roof"], segmentDuration: "4000", segmentCount: "", isStatic: false, disabled: false });
  });

  it("changes nothing where nothing was changed", () => {
    expect(changesOf(formOf(stream), formOf(stream))).toEqual({});
  });

  it("keeps the options of inputs that it does not show, in whatever order they come", () => {
    const saved = formOf(stream);
    expect(changesOf(saved, { ...saved, inputs: ["rtsp://roof", " fake://fake ", ""] })).toEqual({
      inputs: [{ url: "rtsp://roof", priority: 2 }, { url: "fake://fake" }],
    });
  });

  it("takes away what was emptied, so that the default holds", () => {
    const saved = { ...formOf(stream), title: "Camera", password: "x" };
    expect(changesOf(saved, { ...saved, title: " ", password: "", segmentDuration: "", segmentCount: "5" })).toEqual({
      title: null,
      password: null,
      segment_duration: null,
      segment_count: 5,
    });
  });

  it("says of a new stream at least its inputs", () => {
    expect(changesOf(kNewStream, { ...kNewStream, name: "new" })).toEqual({ inputs: [{ url: "publish://" }] });
  });
});
