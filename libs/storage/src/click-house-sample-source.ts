import type { ClickHouse } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import type { Labels } from "@monotreme/model";
import type { SampleSource, SelectRequest, SeriesSamples } from "@monotreme/promql";
import { type RowRequest, readHistograms, type TimedHistogram } from "./histogram-reader.ts";
import { mergeHistograms } from "./merge-histograms.ts";
import { idCondition, int64Text } from "./row-condition.ts";
import { SeriesAssembler } from "./series-assembler.ts";
import { type SeriesFilter, seriesFilter } from "./series-filter.ts";
import { type FoundSeries, findSeries } from "./series-lookup.ts";
import { readStarts, withStarts } from "./start-reader.ts";

export interface SampleSourceOptions {
  /** A selector that matches more series than this is refused; each needs about a kilobyte in this process. */
  readonly maxSeries?: number;
  /** Read when the counting of each sample began, where that is stored; costs a further query a selector. */
  readonly startTimestamps?: boolean;
}

const DEFAULT_MAX_SERIES = 1_000_000;

/**
 * Reads the samples of one tenant from ClickHouse. Every read goes through the tenant's own index, so no tenant sees
 * another's series. Of several values with one timestamp one counts, by the rule of `isBetterSample`.
 */
export function createSampleSource(
  clickhouse: ClickHouse,
  tenant: string,
  options: SampleSourceOptions = {},
): SampleSource {
  const maxSeries = options.maxSeries ?? DEFAULT_MAX_SERIES;
  return {
    async select(request) {
      if (request.untilMs <= request.afterMs) return [];
      const range = { fromMs: request.afterMs + 1, untilMs: request.untilMs };
      const filter = seriesFilter(tenant, [request.matchers], range);
      const found = await findSeries(clickhouse, filter, { maxSeries, signal: request.signal });
      if (found.size === 0) return [];
      const [floats, histograms, starts] = await allOrNone(request.signal, (signal) => {
        const reads: SeriesReads = { clickhouse, request, signal, filter, found, count: sampleCounter(request) };
        return Promise.all([
          readSamples(reads),
          readTimedHistograms(reads),
          options.startTimestamps === true ? readStarts(clickhouse, rowRequest(reads, request.afterMs)) : undefined,
        ]);
      });
      const series = histograms.size === 0 ? floats : merge(floats, histograms, request.afterMs);
      return starts === undefined ? series : series.map((one) => withStarts(one, starts.get(one.labels)));
    },
  };
}

/** Ends what still runs where one of several reads fails. */
async function allOrNone<T>(outer: AbortSignal | undefined, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  try {
    return await read(outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]));
  } catch (error) {
    stop.abort(error);
    throw error;
  }
}

/** What the queries of one selection share. */
interface SeriesReads {
  readonly clickhouse: ClickHouse;
  readonly request: SelectRequest;
  readonly signal: AbortSignal;
  readonly filter: SeriesFilter;
  readonly found: FoundSeries;
  /** Throws where that many more samples are too many. */
  readonly count: (samples: number) => void;
}

/** How far before the range the histogram is looked for that the first one of the range continues. */
const HINT_LOOKBACK_MS = 300_000;

function readTimedHistograms(reads: SeriesReads): ReturnType<typeof readHistograms> {
  const request = rowRequest(reads, reads.request.afterMs - HINT_LOOKBACK_MS);
  return readHistograms(reads.clickhouse, request, reads.count);
}

function rowRequest({ request, signal, filter, found }: SeriesReads, afterMs: number): RowRequest {
  const ids = idCondition([request.matchers], filter, found);
  return {
    condition: `${ids} AND ts > {afterMs:Int64} AND ts <= {untilMs:Int64}`,
    parameters: { ...filter.parameters, afterMs: int64Text(afterMs), untilMs: int64Text(request.untilMs) },
    found,
    signal,
  };
}

function merge(
  floats: readonly SeriesSamples[],
  histograms: ReadonlyMap<Labels, readonly TimedHistogram[]>,
  afterMs: number,
): readonly SeriesSamples[] {
  const floatsOf = new Map(floats.map((series) => [series.labels, series]));
  const mixed = Array.from(histograms, ([labels, ofSeries]) =>
    mergeHistograms(labels, floatsOf.get(labels), ofSeries, afterMs),
  );
  return [...floats.filter(({ labels }) => !histograms.has(labels)), ...mixed.filter((series) => series !== undefined)];
}

function sampleCounter({ maxSamples = Infinity }: SelectRequest): (samples: number) => void {
  let total = 0;
  return (samples) => {
    total += samples;
    if (total > maxSamples) throw tooManySamples();
  };
}

async function readSamples(reads: SeriesReads): Promise<readonly SeriesSamples[]> {
  const { clickhouse, request, found, count } = reads;
  const isOneMetric = found.size === 1;
  const [firstMetricId = 0n] = found.keys();
  const assembler = new SeriesAssembler((metricId, seriesId) =>
    found.get(isOneMetric ? firstMetricId : metricId)?.get(seriesId),
  );
  // The server turns timestamps into floats faster than this process could, and then they need no copy here.
  const columns = `${isOneMetric ? "" : "metric_id, "}series_id, toFloat64(ts) AS timestamp, value`;
  const { condition, parameters, signal } = rowRequest(reads, request.afterMs);
  const query = `SELECT ${columns} FROM samples WHERE ${condition} ORDER BY metric_id, series_id, ts`;
  for await (const block of clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
    count(block.rowCount);
    assembler.add({
      rowCount: block.rowCount,
      metricIds: isOneMetric ? undefined : block.words64("metric_id"),
      seriesIds: block.words64("series_id"),
      timestamps: block.float64("timestamp"),
      values: block.float64("value"),
    });
  }
  return assembler.finish();
}

function tooManySamples(): AppError {
  return new AppError(
    "QUERY_TOO_MANY_SAMPLES",
    "limit",
    "query processing would load too many samples into memory in query execution",
  );
}
