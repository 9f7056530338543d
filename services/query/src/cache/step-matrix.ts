import { compareLabels, type Labels } from "@monotreme/model";
import type { SeriesSamples } from "@monotreme/promql";

/** The instants `phaseMs + step × stepMs`, numbered; results on one grid can be put together. */
export interface StepGrid {
  readonly stepMs: number;
  /** In [0, stepMs). */
  readonly phaseMs: number;
}

/** One series on consecutive steps. */
export interface StepSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  /** 1 where the series has a value; undefined: everywhere. */
  readonly present: Uint8Array | undefined;
}

/** A result of a range query, `count` steps from `firstStep` on; each label set once. */
export interface StepMatrix {
  readonly firstStep: number;
  readonly count: number;
  readonly series: readonly StepSeries[];
}

/** The grid on which an instant lies. */
export function gridOf(startMs: number, stepMs: number): StepGrid {
  return { stepMs, phaseMs: startMs - Math.floor(startMs / stepMs) * stepMs };
}

export function stepOf({ phaseMs, stepMs }: StepGrid, timestampMs: number): number {
  return Math.floor((timestampMs - phaseMs) / stepMs);
}

export function timeOf({ phaseMs, stepMs }: StepGrid, step: number): number {
  return phaseMs + step * stepMs;
}

/** A result as columns over its steps; undefined where it has histograms or more than `maxCells` values and gaps. */
export function stepMatrixOf(
  all: readonly SeriesSamples[],
  grid: StepGrid,
  { firstStep, count }: Pick<StepMatrix, "firstStep" | "count">,
  maxCells: number,
): StepMatrix | undefined {
  if (all.length * count > maxCells || all.some(({ histograms }) => histograms !== undefined)) return undefined;
  const series = all.map(({ labels, timestamps, values }): StepSeries => {
    if (timestamps.length === count) return { labels, values, present: undefined };
    const spread = new Float64Array(count);
    const present = new Uint8Array(count);
    for (let i = 0; i < timestamps.length; i++) {
      const at = stepOf(grid, timestamps[i] ?? 0) - firstStep;
      spread[at] = values[i] ?? 0;
      present[at] = 1;
    }
    return { labels, values: spread, present };
  });
  return { firstStep, count, series };
}

/** The steps from `first` to `last`, which the matrix has, both included. */
export function sliceSteps(matrix: StepMatrix, first: number, last: number): StepMatrix {
  const from = first - matrix.firstStep;
  const until = last + 1 - matrix.firstStep;
  if (from === 0 && until === matrix.count) return matrix;
  const series = matrix.series.map(({ labels, values, present }) => ({
    labels,
    values: values.subarray(from, until),
    present: present?.subarray(from, until),
  }));
  return { firstStep: first, count: until - from, series };
}

interface JoinedSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

/** Parts that follow each other without a gap, as one. */
export function joinSteps(parts: readonly StepMatrix[]): StepMatrix {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? { firstStep: 0, count: 0, series: [] };
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const joined = new Map<string, JoinedSeries>();
  for (const part of parts) {
    const at = part.firstStep - first.firstStep;
    for (const { labels, values, present } of part.series) {
      let whole = joined.get(labels.key);
      if (whole === undefined) {
        whole = { labels, values: new Float64Array(count), present: new Uint8Array(count) };
        joined.set(labels.key, whole);
      }
      whole.values.set(values, at);
      if (present === undefined) whole.present.fill(1, at, at + part.count);
      else whole.present.set(present, at);
    }
  }
  const series = Array.from(joined.values(), ({ labels, values, present }) => ({
    labels,
    values,
    present: present.includes(0) ? present : undefined,
  }));
  return { firstStep: first.firstStep, count, series };
}

/** As the API answers it: sorted by labels, without steps that have no value and series that have none at all. */
export function samplesOf({ firstStep, count, series }: StepMatrix, grid: StepGrid): SeriesSamples[] {
  const timestamps = new Float64Array(count);
  for (let i = 0; i < count; i++) timestamps[i] = timeOf(grid, firstStep + i);
  const all: SeriesSamples[] = [];
  for (const { labels, values, present } of series) {
    if (present === undefined) {
      all.push({ labels, timestamps, values });
      continue;
    }
    const isPresent = (_: number, i: number): boolean => present[i] === 1;
    const kept = values.filter(isPresent);
    if (kept.length > 0) all.push({ labels, timestamps: timestamps.filter(isPresent), values: kept });
  }
  return all.sort((a, b) => compareLabels(a.labels, b.labels));
}
