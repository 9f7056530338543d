import { RAW, type Resolution, RESOLUTIONS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import type { Labels } from "@monotreme/model";
import {
  alignedRequest,
  chooseResolution,
  type SampleSource,
  type SelectRequest,
  type SeriesSamples,
} from "@monotreme/promql";
import type { BlockSnapshot } from "./blocks/block-catalog-snapshot.ts";
import { type BlocksNow, blockViewOf } from "./blocks/block-view.ts";
import { finestWithin } from "./blocks/plan-levels.ts";
import { readDownsampled } from "./downsampled-reader.ts";
import { type RowRequest, readHistograms, STORED_HISTOGRAM_COLUMNS, type TimedHistogram } from "./histogram-reader.ts";
import type { HistogramPresence } from "./histogram-presence.ts";
import { mergeHistograms } from "./merge-histograms.ts";
import { idCondition, int64Text } from "./row-condition.ts";
import { type LabelsOfSeries, type ReadSamples, readSamples, type SampleRead } from "./sample-reader.ts";
import { type SeriesFilter, seriesFilter } from "./series-filter.ts";
import { type FoundSeries, findSeries } from "./series-lookup.ts";
import { hasSameSeries, type SeriesLookups } from "./series-lookups.ts";
import { readStarts, withStarts } from "./start-reader.ts";

export interface SampleSourceOptions {
  /** A selector that matches more series than this is refused; each needs about a kilobyte in this process. */
  readonly maxSeries?: number;
  /** Read when the counting of each sample began, where that is stored; costs a further query a selector. */
  readonly startTimestamps?: boolean;
  /** Look-ups that selectors share; without them each selector asks the index itself, before it reads anything. */
  readonly lookups?: SeriesLookups;
  /** Spares selectors the look for histograms where the store has none. */
  readonly histograms?: HistogramPresence;
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
  const view = blockViewOf(clickhouse);
  return {
    async select(request) {
      if (request.untilMs <= request.afterMs) return [];
      const read = async (blocks: BlocksNow): Promise<readonly SeriesSamples[]> => {
        const resolution = resolutionFor(request, blocks.snapshot);
        const aligned = { ...request, ...alignedRequest(request, resolution.resolutionMs) };
        const range = { fromMs: aligned.afterMs + 1, untilMs: aligned.untilMs };
        const filter = seriesFilter(tenant, [request.matchers], range);
        const shared = { clickhouse, tenant, request: aligned, filter, blocks, resolution };
        return allOrNone(request.signal, (signal) =>
          readSelection({ ...shared, signal, options: { ...options, maxSeries } }),
        );
      };
      const isRaw = request.maxResolutionMs === undefined || request.maxResolutionMs === 0;
      const recent = isRaw ? view.recent() : undefined;
      if (recent === undefined) return read(await unlessAborted(view.current(), request.signal));
      // Samples need no newer state, but where it says that something was deleted, or has chunks now, they are read again.
      const [series, now] = await Promise.all([read(recent), view.current()]);
      const hasSameChunks = recent.snapshot.mayHaveRaw(request) || !now.snapshot.mayHaveRaw(request);
      return now.masks === recent.masks && hasSameChunks ? series : read(now);
    },
  };
}

/** Waits for what others wait for as well, until the signal fires. */
async function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return shared;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

interface Selection {
  readonly clickhouse: ClickHouse;
  readonly tenant: string;
  readonly request: SelectRequest;
  readonly signal: AbortSignal;
  readonly filter: SeriesFilter;
  readonly options: SampleSourceOptions & { readonly maxSeries: number };
  readonly blocks: BlocksNow;
  readonly resolution: Resolution;
}

async function readSelection(selection: Selection): Promise<readonly SeriesSamples[]> {
  const { clickhouse, request, signal, filter, options, resolution } = selection;
  const lookup = { maxSeries: options.maxSeries, signal };
  // Asked beside the look-up, so that the answer is there when the series are.
  const mayHaveHistograms = options.histograms?.mayHaveAny() ?? Promise.resolve(true);
  const early = await readEarly(selection);
  try {
    const found = await (options.lookups?.find(filter, lookup) ?? findSeries(clickhouse, filter, lookup));
    if (found.size === 0) return [];
    const isEarlyRight = early?.isRightFor(found) === true;
    if (!isEarlyRight) early?.end();
    const reads: SeriesReads = { ...selection, found, count: isEarlyRight ? early.count : sampleCounter(request) };
    const [rows, histograms, starts] = await Promise.all([
      isEarlyRight ? early.rows : readFloats(reads),
      mayHaveHistograms.then((mayHave) => (mayHave ? readTimedHistograms(reads) : NO_HISTOGRAMS)),
      options.startTimestamps === true ? readStarts(clickhouse, rowRequest(reads, request.afterMs)) : undefined,
    ]);
    const floats = rows.finish(labelsIn(found));
    const series = histograms.size === 0 ? floats : merge(floats, histograms, request.afterMs);
    if (resolution !== RAW) return series.map((one) => ({ ...one, resolutionMs: resolution.resolutionMs }));
    return starts === undefined ? series : series.map((one) => withStarts(one, starts.get(one.labels)));
  } finally {
    early?.end();
  }
}

async function readFloats(reads: SeriesReads): Promise<ReadSamples> {
  const { clickhouse, found, resolution, request } = reads;
  const read = sampleRead(reads, onlyMetricOf(found), idsOf(reads));
  if (resolution === RAW) return readSamples(clickhouse, read);
  const { functionName, isRange = false } = request;
  return readDownsampled(clickhouse, { ...read, resolution, functionName, isRange });
}

/** Which resolution answers a request; raw where there are no buckets. */
function resolutionFor(request: SelectRequest, snapshot: BlockSnapshot): Resolution {
  const buckets = RESOLUTIONS.filter((resolution) => snapshot.bucketWindows(resolution) > 0);
  if (buckets.length === 0) return RAW;
  const resolutionMs = chooseResolution(request, {
    resolutionsMs: buckets.map((resolution) => resolution.resolutionMs),
    finestMs: finestWithin(request, snapshot),
  });
  return buckets.find((resolution) => resolution.resolutionMs === resolutionMs) ?? RAW;
}

/** Samples that are read while their series are still looked up, because it can be guessed which they will be. */
interface EarlyRead {
  readonly rows: Promise<ReadSamples>;
  readonly count: (samples: number) => void;
  isRightFor(found: FoundSeries): boolean;
  end(): void;
}

async function readEarly(selection: Selection): Promise<EarlyRead | undefined> {
  const { tenant, request, filter, options, signal } = selection;
  const { lookups, maxSeries } = options;
  if (selection.resolution !== RAW || lookups === undefined || lookups.fresh(filter, maxSeries) !== undefined)
    return undefined;
  const recalled = lookups.recall(filter, maxSeries);
  const metricId = await lookups.metricIdOf(tenant, request.matchers);
  const stop = new AbortController();
  const reads = { ...selection, signal: AbortSignal.any([signal, stop.signal]), count: sampleCounter(request) };
  const start = (ids: string, onlyMetric: bigint | undefined, isRightFor: EarlyRead["isRightFor"]): EarlyRead => {
    const rows = readSamples(selection.clickhouse, sampleRead(reads, onlyMetric, ids));
    // Where the guess is wrong, or the look-up fails, nobody waits for the rows.
    rows.catch(() => undefined);
    return { rows, count: reads.count, isRightFor, end: () => stop.abort() };
  };
  if (metricId !== undefined) {
    return start(`metric_id = ${metricId}`, metricId, (found) => found.size === 1 && found.has(metricId));
  }
  if (recalled === undefined || recalled.size === 0) return undefined;
  const ids = idCondition([request.matchers], filter, recalled);
  return start(ids, onlyMetricOf(recalled), (found) => hasSameSeries(found, recalled));
}

function labelsIn(found: FoundSeries): LabelsOfSeries {
  const isOneMetric = found.size === 1;
  const [firstMetricId = 0n] = found.keys();
  return (metricId, seriesId) => found.get(isOneMetric ? firstMetricId : metricId)?.get(seriesId);
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

interface RowReads extends Selection {
  /** Throws where that many more samples are too many. */
  readonly count: (samples: number) => void;
}

/** What the queries of one selection share. */
interface SeriesReads extends RowReads {
  readonly found: FoundSeries;
}

const NO_HISTOGRAMS: Awaited<ReturnType<typeof readHistograms>> = new Map();

/** How far before the range the histogram is looked for that the first one of the range continues. */
const HINT_LOOKBACK_MS = 300_000;

function readTimedHistograms(reads: SeriesReads): ReturnType<typeof readHistograms> {
  const { clickhouse, request, resolution, blocks, count } = reads;
  const rows = rowRequest(reads, request.afterMs - HINT_LOOKBACK_MS);
  const isForgotten = resolution !== RAW && finestWithin(request, blocks.snapshot) > 0;
  return readHistograms(clickhouse, isForgotten ? { ...rows, table: thinnedHistograms(resolution) } : rows, count);
}

/** All histograms that are left: those of the buckets are samples as well, only fewer. */
function thinnedHistograms({ resolutionMs }: Resolution): string {
  return `(SELECT ${STORED_HISTOGRAM_COLUMNS} FROM histograms UNION ALL
    SELECT ${STORED_HISTOGRAM_COLUMNS} FROM bucket_histograms WHERE resolution <= ${resolutionMs})`;
}

function rowRequest(reads: SeriesReads, afterMs: number): RowRequest {
  return { ...timedRows(reads, idsOf(reads), afterMs), found: reads.found };
}

function idsOf({ request, filter, found }: SeriesReads): string {
  return idCondition([request.matchers], filter, found);
}

function sampleRead(reads: RowReads, metricId: bigint | undefined, ids: string): SampleRead {
  const { blocks, count, request } = reads;
  const { afterMs, untilMs } = request;
  return { ...timedRows(reads, ids, afterMs), ids, afterMs, untilMs, metricId, blocks, count };
}

function onlyMetricOf(found: FoundSeries): bigint | undefined {
  const [metricId] = found.keys();
  return found.size === 1 ? metricId : undefined;
}

function timedRows({ request, filter, signal }: Selection, ids: string, afterMs: number): Omit<RowRequest, "found"> {
  return {
    condition: `${ids} AND ts > {afterMs:Int64} AND ts <= {untilMs:Int64}`,
    parameters: { ...filter.parameters, afterMs: int64Text(afterMs), untilMs: int64Text(request.untilMs) },
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

function tooManySamples(): AppError {
  return new AppError(
    "QUERY_TOO_MANY_SAMPLES",
    "limit",
    "query processing would load too many samples into memory in query execution",
  );
}
