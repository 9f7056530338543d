import { isStaleAt, wordsOf } from "@monotreme/model";
import type { SeriesSamples } from "../value.ts";
import {
  type ColumnSeries,
  countSamples,
  createColumn,
  FLOAT,
  HISTOGRAM,
  hasSamples,
  type HistogramColumn,
} from "./column.ts";
import { countUpTo, type Windows } from "./range-window.ts";
import { SharedTimestamps } from "./shared-timestamps.ts";
import type { SampleBudget } from "./sample-budget.ts";

/**
 * The latest sample of each window, unless it is a staleness marker; series without any are left out. Samples and cells
 * are held against the budget as they are made.
 */
export function selectLatest(
  samples: readonly SeriesSamples[],
  windows: Windows,
  budget: SampleBudget,
): readonly ColumnSeries[] {
  const columns: ColumnSeries[] = [];
  const shared = new SharedTimestamps({
    columns: samples.map(({ timestamps }) => timestamps),
    steps: windows.count,
    create: () => new Int32Array(windows.count),
    fill: (timestamps, indexes) => fillLatest(timestamps, windows, indexes, budget),
  });
  for (const one of samples) {
    budget.holdCells(windows.count);
    const column = latestColumn(one, windows.count, shared.of(one.timestamps));
    budget.work(one.timestamps.length + windows.count);
    budget.hold(countSamples([column]));
    if (hasSamples(column)) columns.push(column);
    else budget.releaseCells(windows.count);
  }
  return columns;
}

/** Fills in the index of each window's latest sample, −1 where it has none. */
function fillLatest(timestamps: Float64Array, windows: Windows, indexes: Int32Array, budget: SampleBudget): void {
  const { firstEndMs, stepMs, rangeMs, count, resolutionMs } = windows;
  let next = 0;
  let stride = 0;
  for (let step = 0; step < count; step++) {
    budget.workAt(step);
    let end = firstEndMs + step * stepMs;
    if (resolutionMs !== undefined) end = Math.floor(end / resolutionMs) * resolutionMs;
    const following = countUpTo(timestamps, end, next, stride);
    stride = following - next;
    next = following;
    const isInside = next > 0 && timestamps[next - 1]! > end - rangeMs;
    indexes[step] = isInside ? next - 1 : -1;
  }
}

function latestColumn(samples: SeriesSamples, count: number, indexes: Int32Array): ColumnSeries {
  const { values, histograms } = samples;
  const words = wordsOf(values);
  const column = createColumn(samples.labels, false, count);
  const histogramColumn: HistogramColumn | undefined = histograms === undefined ? undefined : [];
  for (let step = 0; step < count; step++) {
    const at = indexes[step]!;
    if (at < 0) continue;
    const histogram = histograms?.[at];
    if (histogram !== undefined && histogramColumn !== undefined) {
      histogramColumn[step] = histogram;
      column.present[step] = HISTOGRAM;
      continue;
    }
    const value = values[at]!;
    // Only a NaN, which differs from itself, can be a marker.
    if (value !== value && isStaleAt(words, at)) continue;
    column.values[step] = value;
    column.present[step] = FLOAT;
  }
  return histogramColumn === undefined ? column : { ...column, histograms: histogramColumn };
}

/** As {@link selectLatest}, with the samples' own timestamps in seconds as values: `timestamp(selector)`. */
export function selectLatestTimestamps(
  samples: readonly SeriesSamples[],
  windows: Windows,
  budget: SampleBudget,
): readonly ColumnSeries[] {
  return selectLatest(samples.map(withTimestampsAsValues), windows, budget);
}

/** As {@link selectLatest}, with the samples' start timestamps in seconds as values, 0 where they are not known. */
export function selectLatestStarts(
  samples: readonly SeriesSamples[],
  windows: Windows,
  budget: SampleBudget,
): readonly ColumnSeries[] {
  return selectLatest(samples.map(withStartsAsValues), windows, budget);
}

function withStartsAsValues(samples: SeriesSamples): SeriesSamples {
  return withOtherValues(samples, (i) => {
    const start = samples.startTimestamps?.[i] ?? 0;
    return Number.isNaN(start) ? 0 : start / 1000;
  });
}

function withTimestampsAsValues(samples: SeriesSamples): SeriesSamples {
  return withOtherValues(samples, (i) => samples.timestamps[i]! / 1000);
}

/** A float for every sample but the staleness markers: they still have to end the series, so their bits stay. */
function withOtherValues(
  { labels, timestamps, values, histograms }: SeriesSamples,
  valueOf: (index: number) => number,
): SeriesSamples {
  const words = wordsOf(values);
  const others = values.slice();
  for (let i = 0; i < others.length; i++) {
    if (histograms?.[i] !== undefined || !isStaleAt(words, i)) others[i] = valueOf(i);
  }
  return { labels, timestamps, values: others };
}
