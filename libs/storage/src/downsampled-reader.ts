import { RAW, type Resolution } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { bucketize, coarsen, plainView, type SampleBuckets, type SeriesSamples } from "@monotreme/promql";
import { bucketColumnsFor } from "./blocks/bucket-columns-for.ts";
import type { OpenRange } from "./blocks/chunk-assembler.ts";
import { type LevelRanges, planLevels } from "./blocks/plan-levels.ts";
import { readBuckets } from "./blocks/read-buckets.ts";
import type { StoredBuckets } from "./blocks/stored-buckets.ts";
import { bucketsWithin, weaveBuckets } from "./blocks/weave-buckets.ts";
import { int64Text } from "./row-condition.ts";
import { type LabelsOfSeries, type ReadSamples, readSamples, type SampleRead } from "./sample-reader.ts";

/** A read of samples in buckets. */
export interface DownsampledRead extends Omit<SampleRead, "metricId"> {
  readonly resolution: Resolution;
  readonly functionName: string;
  readonly isRange: boolean;
}

/** More stretches of raw samples than this are read as one, with what lies between them. */
const MAX_RAW_READS = 4;

/** The buckets of one source, known by ids of metric and series. */
interface BucketParts {
  remaining(): Iterable<readonly [metricId: bigint, seriesId: bigint]>;
  take(metricId: bigint, seriesId: bigint): SampleBuckets | undefined;
}

/**
 * Reads series in buckets of one resolution: from chunks of these where there are any that say the same as the samples,
 * and made on the way from finer ones elsewhere.
 */
export async function readDownsampled(clickhouse: ClickHouse, read: DownsampledRead): Promise<ReadSamples> {
  const levels = planLevels(read.resolution, read, read.blocks);
  const parts = await Promise.all(
    levels.map(async ({ resolution, ranges }): Promise<BucketParts> => {
      if (resolution === RAW) return readRaw(clickhouse, read, ranges);
      return inBuckets(await readStored(clickhouse, read, { resolution, ranges }), read.resolution);
    }),
  );
  return { finish: (labelsOf) => finish(parts, labelsOf, read.resolution.resolutionMs) };
}

function finish(parts: readonly BucketParts[], labelsOf: LabelsOfSeries, resolutionMs: number): SeriesSamples[] {
  const series: SeriesSamples[] = [];
  for (const [i, source] of parts.entries()) {
    for (const [metricId, seriesId] of source.remaining()) {
      const labels = labelsOf(metricId, seriesId);
      if (labels === undefined) continue;
      const ofSeries = parts.slice(i).flatMap((part) => part.take(metricId, seriesId) ?? []);
      if (ofSeries.length === 0) continue;
      const buckets = ofSeries.reduce(weaveBuckets);
      if (buckets.ends.length > 0) series.push({ labels, ...plainView(buckets), buckets, resolutionMs });
    }
  }
  return series;
}

async function readStored(
  clickhouse: ClickHouse,
  read: DownsampledRead,
  { resolution, ranges }: LevelRanges,
): Promise<StoredBuckets> {
  const { ids, parameters, count, signal, blocks, functionName, isRange } = read;
  const { masks } = blocks;
  const columns = bucketColumnsFor(functionName, isRange);
  return readBuckets(clickhouse, { resolution, ids, parameters, ranges, columns, masks, count, signal });
}

function inBuckets(stored: StoredBuckets, { resolutionMs }: Resolution): BucketParts {
  return {
    remaining: () => stored.remaining(),
    take: (metricId, seriesId) => {
      const buckets = stored.take(metricId, seriesId);
      return buckets === undefined || buckets.resolutionMs === resolutionMs ? buckets : coarsen(buckets, resolutionMs);
    },
  };
}

/** Samples of the ranges, put into buckets at once: what is held is small. */
async function readRaw(
  clickhouse: ClickHouse,
  read: DownsampledRead,
  ranges: readonly OpenRange[],
): Promise<BucketParts> {
  const [first, last] = [ranges[0], ranges.at(-1)];
  const reads =
    ranges.length > MAX_RAW_READS && first !== undefined && last !== undefined
      ? [{ afterMs: first.afterMs, untilMs: last.untilMs }]
      : ranges;
  const made = new Map<bigint, Map<bigint, SampleBuckets>>();
  const samples = await Promise.all(reads.map((range) => readSamples(clickhouse, sampleRead(read, range))));
  for (const one of samples) {
    for (const { metricId, seriesId, samples: ofSeries } of one.series()) {
      const buckets = bucketize(ofSeries, read.resolution.resolutionMs);
      for (const part of bucketsWithin(buckets, ranges)) {
        const ofMetric = made.get(metricId) ?? new Map<bigint, SampleBuckets>();
        made.set(metricId, ofMetric);
        const known = ofMetric.get(seriesId);
        ofMetric.set(seriesId, known === undefined ? part : weaveBuckets(known, part));
      }
    }
  }
  return {
    *remaining() {
      for (const [metricId, ofMetric] of made)
        for (const seriesId of ofMetric.keys()) yield [metricId, seriesId] as const;
    },
    take: (metricId, seriesId) => {
      const buckets = made.get(metricId)?.get(seriesId);
      made.get(metricId)?.delete(seriesId);
      return buckets;
    },
  };
}

function sampleRead(read: DownsampledRead, { afterMs, untilMs }: OpenRange): SampleRead {
  const { ids, parameters, signal, count, blocks } = read;
  return {
    ids,
    condition: `${ids} AND ts > {afterMs:Int64} AND ts <= {untilMs:Int64}`,
    parameters: { ...parameters, afterMs: int64Text(afterMs), untilMs: int64Text(untilMs) },
    signal,
    count,
    blocks,
    afterMs,
    untilMs,
    metricId: undefined,
  };
}
