import "uplot/dist/uPlot.min.css";
import "./chart.css";

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";

import { formatClock } from "../lib/format";

export interface Line {
  label: string;
  values: (number | null)[];
}

/// Colours of lines, as CSS has them.
const kColours = ["--accent", "--chart-2", "--chart-3", "--chart-4", "--chart-5", "--chart-6"];
const kHeight = 168;
const kLeastSpan = 120; // seconds

const colourName = (index: number) => kColours[index % kColours.length] ?? "--accent";

function options(width: number, lines: Line[], highest: number | undefined, format: (value: number) => string, area: boolean): uPlot.Options {
  // A colour of a custom property, as a canvas takes it.
  const probe = document.body.appendChild(document.createElement("i"));
  const colour = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const muted = colour("--muted");
  const grid = { stroke: colour("--line"), width: 1 };
  const series = lines.map(({ label }, index): uPlot.Series => {
    const stroke = colour(colourName(index));
    return { label, stroke, width: 1.75, spanGaps: false, points: { show: false }, ...(area && index === 0 ? { fill: stroke.replace(/^rgb\((.*)\)$/, "rgba($1, 0.1)") } : {}) };
  });
  probe.remove();
  const font = "12px Inter, system-ui, sans-serif"; // whole pixels: uPlot understands no others
  return {
    width,
    height: kHeight,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: { x: { range: (_, min, max) => [Math.min(min, max - kLeastSpan), max] }, y: { range: (_, __, max) => [0, highest ?? Math.max(1, max * 1.15)] } },
    axes: [
      { stroke: muted, font, grid: { show: false }, ticks: { show: false }, size: 24, space: 80, incrs: [60, 120, 300, 600], values: (_, times) => times.map((time) => formatClock(time * 1000).slice(0, 5)) },
      { stroke: muted, font, grid, ticks: { show: false }, border: { show: false }, size: 70, space: 44, values: (_, values) => values.map((value) => (value === 0 ? "0" : format(value))) },
    ],
    series: [{}, ...lines.map((_, index) => series[index] ?? {})],
  };
}

/// Lines over time. What the pointer is at, else the newest, stands in words above them.
export function Chart({ label, times, lines, format, highest, area = false }: {
  label: string;
  times: number[];
  lines: Line[];
  format(value: number): string;
  /** Top of the scale; undefined: what the lines need. */
  highest?: number;
  area?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [at, setAt] = useState<number | null>(null);
  const labels = lines.map((line) => line.label).join("\n");
  const data = (): uPlot.AlignedData => [[...times], ...lines.map(({ values }) => [...values])];

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const build = () => {
      plot.current?.destroy();
      const made = options(element.clientWidth, lines, highest, format, area);
      plot.current = new uPlot({ ...made, hooks: { setCursor: [(chart) => setAt(chart.cursor.idx ?? null)] } }, data(), element);
    };
    build();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: kHeight }));
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", build);
    window.addEventListener("themechange", build);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", build);
      window.removeEventListener("themechange", build);
      plot.current?.destroy();
    };
  }, [labels, highest, area]);
  useEffect(() => plot.current?.setData(data()));

  const shown = at ?? times.length - 1;
  const words = (line: Line) => {
    const value = line.values[shown];
    return value === null || value === undefined ? "–" : format(value);
  };
  return (
    <figure class="chart" aria-label={`${label}: ${lines.map((line) => `${line.label} ${words(line)}`).join(", ")}`} role="img">
      <figcaption class="chart-legend" aria-hidden="true">
        {lines.map((line, index) => (
          <span key={line.label} class={`chart-key is-${(index % kColours.length) + 1}`}>
            {line.label} <b>{words(line)}</b>
          </span>
        ))}
      </figcaption>
      <div ref={box} class="chart-box" />
    </figure>
  );
}
