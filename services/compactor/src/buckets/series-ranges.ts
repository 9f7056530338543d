import type { ClickHouse } from "@monotreme/clickhouse";

/** Series whose ids lie next to each other in the tables' order, both ends included. */
export interface SeriesRange {
  readonly firstMetric: bigint;
  readonly lastMetric: bigint;
  readonly firstSeries: bigint;
  readonly lastSeries: bigint;
  /** About how many chunks of theirs are to be read. */
  readonly chunks: number;
}

const LARGEST_ID = 2n ** 64n - 1n;

/** As SQL; ids are numbers of our own index. */
export function rangeCondition({ firstMetric, lastMetric, firstSeries, lastSeries }: SeriesRange): string {
  const metrics = `metric_id >= ${firstMetric} AND metric_id <= ${lastMetric}`;
  if (firstSeries === 0n && lastSeries === LARGEST_ID) return metrics;
  return `${metrics} AND series_id >= ${firstSeries} AND series_id <= ${lastSeries}`;
}

/** Cuts the series of a table's rows into ranges of at most about so many chunks, in the table's order. */
export async function readSeriesRanges(
  clickhouse: ClickHouse,
  {
    table,
    condition,
    maxChunks,
    signal,
  }: {
    readonly table: string;
    readonly condition: string;
    readonly maxChunks: number;
    readonly signal: AbortSignal;
  },
): Promise<readonly SeriesRange[]> {
  const query = `SELECT metric_id, toFloat64(count()) AS chunks FROM ${table}
    WHERE ${condition} GROUP BY metric_id ORDER BY metric_id`;
  const ranges = new RangeCutter(maxChunks);
  for await (const block of clickhouse.selectNative(query, { signal })) {
    const [metricIds, chunks] = [block.uint64("metric_id"), block.float64("chunks")];
    for (let row = 0; row < block.rowCount; row++) ranges.add(metricIds[row]!, chunks[row]!);
  }
  return ranges.finish();
}

/** Puts small metrics together and cuts large ones by their series' ids, which are hashes and so lie evenly. */
export class RangeCutter {
  readonly #maxChunks: number;
  readonly #ranges: SeriesRange[] = [];
  #open: SeriesRange | undefined;

  constructor(maxChunks: number) {
    this.#maxChunks = maxChunks;
  }

  /** Metrics come in ascending order. */
  add(metricId: bigint, chunks: number): void {
    if (this.#open !== undefined && this.#open.chunks + chunks > this.#maxChunks) this.#close();
    const pieces = BigInt(Math.ceil(chunks / this.#maxChunks));
    if (pieces > 1n) {
      for (let piece = 0n; piece < pieces; piece++) {
        this.#ranges.push({
          firstMetric: metricId,
          lastMetric: metricId,
          firstSeries: ((LARGEST_ID + 1n) * piece) / pieces,
          lastSeries: ((LARGEST_ID + 1n) * (piece + 1n)) / pieces - 1n,
          chunks: chunks / Number(pieces),
        });
      }
      return;
    }
    this.#open = {
      firstMetric: this.#open?.firstMetric ?? metricId,
      lastMetric: metricId,
      firstSeries: 0n,
      lastSeries: LARGEST_ID,
      chunks: (this.#open?.chunks ?? 0) + chunks,
    };
  }

  finish(): readonly SeriesRange[] {
    this.#close();
    return this.#ranges;
  }

  #close(): void {
    if (this.#open !== undefined) this.#ranges.push(this.#open);
    this.#open = undefined;
  }
}
