import { QueryExecutionError } from "./query-error.ts";
import { type ColumnSeries, createColumn, FLOAT, hasSamples } from "./column.ts";
import { countUpTo, type RangeSeries, type Windows } from "./range-window.ts";
import type { SampleBudget } from "./sample-budget.ts";

/** `selector smoothed`: the value between the samples around each instant, the last one where none follows. */
export function selectSmoothed(
  ranges: readonly RangeSeries[],
  windows: Windows,
  budget: SampleBudget,
): readonly ColumnSeries[] {
  const columns: ColumnSeries[] = [];
  for (const series of ranges) {
    if (series.histograms !== undefined) {
      throw new QueryExecutionError('the modifier "smoothed" is not supported for native histograms');
    }
    budget.holdCells(windows.count);
    const column = smoothedColumn(series, windows);
    budget.work(series.timestamps.length + windows.count);
    if (hasSamples(column)) columns.push(column);
    else budget.releaseCells(windows.count);
  }
  return columns;
}

function smoothedColumn({ labels, dropName, timestamps, values }: RangeSeries, windows: Windows): ColumnSeries {
  const column = createColumn(labels, dropName, windows.count);
  let next = 0;
  for (let step = 0; step < windows.count; step++) {
    const atMs = windows.firstEndMs + step * windows.stepMs;
    next = countUpTo(timestamps, atMs, next, 0);
    const before = next - 1;
    if (before < 0 || timestamps[before]! <= atMs - windows.rangeMs) continue;
    const left = values[before]!;
    const hasNext = next < timestamps.length && timestamps[next]! <= atMs + windows.rangeMs;
    const share = hasNext ? (atMs - timestamps[before]!) / (timestamps[next]! - timestamps[before]!) : 0;
    column.values[step] = share === 0 ? left : left + (values[next]! - left) * share;
    column.present[step] = FLOAT;
  }
  return column;
}
