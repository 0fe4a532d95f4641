const kWidth = 120;
const kHeight = 40;
const kTop = 4; // room for the line's own width

/// The line of `samples` from edge to edge of its box, on a scale from zero; empty where there is nothing to draw yet.
export function sparkLine(samples: number[]): string {
  if (samples.length < 2) return "";
  const highest = Math.max(...samples, 1);
  const step = kWidth / (samples.length - 1);
  return samples
    .map((value, index) => {
      const y = kHeight - (value / highest) * (kHeight - kTop);
      return `${index === 0 ? "M" : "L"}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

export function Sparkline({ samples }: { samples: number[] }) {
  const line = sparkLine(samples);
  if (line === "") return null;
  return (
    <svg class="sparkline" viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="spark-area" d={`${line}V${kHeight}H0Z`} />
      <path class="spark-line" d={line} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
