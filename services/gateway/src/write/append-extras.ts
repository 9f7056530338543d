import type { SampleAppend } from "@monotreme/bus";
import type { WriteRequestColumns } from "@monotreme/remote-write";
import type { ResolvedSeries } from "./resolved-series.ts";

export interface ExtrasOptions {
  readonly columns: WriteRequestColumns;
  readonly resolved: ResolvedSeries;
  readonly append: SampleAppend;
  /** Names a series for the day of an instant, where that was not done yet. */
  readonly announce: (series: number, timestampMs: number) => void;
  readonly isOutOfBounds: (timestampMs: number) => boolean;
}

/** How many were appended, and how many were left out because of their time. */
export interface ExtrasSummary {
  readonly histograms: number;
  readonly exemplars: number;
  readonly outOfBoundsHistograms: number;
  readonly outOfBoundsExemplars: number;
}

/** Appends a request's native histograms, exemplars and start timestamps. */
export function appendExtras({ columns, resolved, append, announce, isOutOfBounds }: ExtrasOptions): ExtrasSummary {
  const { ids, partitions } = resolved;
  let [histograms, exemplars, outOfBoundsHistograms, outOfBoundsExemplars] = [0, 0, 0, 0];
  for (const { series, timestampMs, histogram } of columns.histograms) {
    if (resolved.isDropped(series)) continue;
    if (isOutOfBounds(timestampMs)) {
      outOfBoundsHistograms++;
      continue;
    }
    announce(series, timestampMs);
    append.addHistogram(partitions[series] ?? 0, ...idsAt(ids, series), timestampMs, histogram);
    histograms++;
  }
  for (const { series, timestampMs, startTimestampMs } of columns.starts) {
    if (resolved.isDropped(series) || isOutOfBounds(timestampMs) || !isStart(startTimestampMs)) continue;
    append.addStart(partitions[series] ?? 0, ...idsAt(ids, series), timestampMs, startTimestampMs);
  }
  for (const { series, timestampMs, value, labels } of columns.exemplars) {
    if (resolved.isDropped(series)) continue;
    if (isOutOfBounds(timestampMs)) {
      outOfBoundsExemplars++;
      continue;
    }
    announce(series, timestampMs);
    const [metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh] = idsAt(ids, series);
    const exemplar = { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, value, labels };
    append.addExemplar(partitions[series] ?? 0, exemplar);
    exemplars++;
  }
  return { histograms, exemplars, outOfBoundsHistograms, outOfBoundsExemplars };
}

type Ids = readonly [metricLow: number, metricHigh: number, seriesLow: number, seriesHigh: number];

function idsAt(ids: Uint32Array, series: number): Ids {
  const at = series * 4;
  return [ids[at] ?? 0, ids[at + 1] ?? 0, ids[at + 2] ?? 0, ids[at + 3] ?? 0];
}

/** A whole number of ms that 64 bits can hold. */
function isStart(startTimestampMs: number): boolean {
  return Number.isSafeInteger(startTimestampMs);
}
