import type { SampleAppend, SampleSink } from "@monotreme/bus";
import { partitionOf } from "@monotreme/contracts";
import { AppError } from "@monotreme/errors";
import { Labels, METRIC_NAME, type SeriesHasher } from "@monotreme/model";
import { readLabels, SnappyReader, type WriteRequestColumns, WriteRequestDecoder } from "@monotreme/remote-write";
import type { GatewayMetrics } from "../metrics.ts";
import type { CachedSeries, SeriesCache } from "../series/series-cache.ts";
import type { KnownTenant, TenantRegistry } from "../series/tenant-registry.ts";
import { ResolvedSeries } from "./resolved-series.ts";

const DAY_MS = 86_400_000;
/** Prometheus takes samples up to 10 minutes ahead of its clock. */
/** Days that the samples of one request may lie on, and the bytes that naming their series on each may take. */
const MAX_DAYS = 400;
const MAX_ANNOUNCED_BYTES = 64 * 1024 * 1024;

const MAX_AHEAD_MS = 600_000;

/** A sample that no store can take; as upstream answers, the whole request is refused. */
export class OutOfBoundsError extends AppError {
  constructor(timestampMs: number, reason: string) {
    super("SAMPLE_OUT_OF_BOUNDS", "invalid", `out of bounds: the timestamp ${timestampMs} ms ${reason}`);
  }
}

/** A request whose samples lie on so many days that storing it would hold up everybody else. */
export class SpreadTooWideError extends AppError {
  constructor(days: number) {
    const advice = `send older samples in time order, at most ${MAX_DAYS} days a request`;
    super("REMOTE_WRITE_TOO_SPREAD", "invalid", `the samples are spread over too many days (${days}); ${advice}`);
  }
}

export interface WriteReceiverOptions {
  readonly writer: SampleSink;
  readonly hasher: SeriesHasher;
  readonly cache: SeriesCache;
  readonly tenants: TenantRegistry;
  readonly metrics: GatewayMetrics;
  readonly partitions: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What of a request was stored. */
export interface WriteSummary {
  readonly samples: number;
}

/**
 * Takes bodies of remote write 1.0: decodes and checks the whole body before the first sample is appended, and resolves
 * only when all of it is durable. Between the two nothing else runs, so its scratch columns serve every request.
 */
export class WriteReceiver {
  readonly #options: WriteReceiverOptions;
  readonly #snappy = new SnappyReader();
  readonly #decoder = new WriteRequestDecoder();
  readonly #resolved = new ResolvedSeries();
  readonly #found: CachedSeries = {
    metricIdLow: 0,
    metricIdHigh: 0,
    seriesIdLow: 0,
    seriesIdHigh: 0,
    partition: 0,
    announcedDay: -1,
  };

  constructor(options: WriteReceiverOptions) {
    this.#options = options;
  }

  /** Throws an error of kind `invalid` for a body that can never be stored, `unavailable` where trying again helps. */
  async write(tenantName: string, body: Uint8Array): Promise<WriteSummary> {
    const { writer, tenants, metrics } = this.#options;
    // First, because a full buffer must cost nothing.
    const append = writer.begin(tenantName);
    const stopTimer = metrics.decodeSeconds.startTimer();
    const tenant = tenants.get(tenantName);
    const columns = this.#decoder.decode(this.#snappy.uncompress(body), tenant.hashSeed);
    this.#resolveAll(tenant, columns);
    this.#checkTimestamps(columns);
    this.#checkSpread(columns);
    const samples = this.#appendAll(tenant, columns, append);
    this.#countDrops(columns);
    const metadataCount = columns.metadata.length;
    stopTimer();
    await append.commit();
    metrics.samples.inc(samples);
    metrics.metadata.inc(metadataCount);
    return { samples };
  }

  /** Finds every series' ids; labels are read only where the cache does not know the series. */
  #resolveAll(tenant: KnownTenant, columns: WriteRequestColumns): void {
    const { cache } = this.#options;
    const resolved = this.#resolved;
    const found = this.#found;
    const { seriesCount, hashes } = columns;
    resolved.reset(seriesCount);
    for (let i = 0; i < seriesCount; i++) {
      const low = hashes[i * 2] ?? 0;
      const high = hashes[i * 2 + 1] ?? 0;
      if (cache.find(tenant.index, low, high, found)) resolved.set(i, found);
      else this.#resolveUnknown(tenant, columns, i);
    }
  }

  #resolveUnknown(tenant: KnownTenant, columns: WriteRequestColumns, index: number): void {
    const { hasher, cache, partitions } = this.#options;
    const labels = readLabels(columns.bytes, columns.labelStart[index] ?? 0, columns.labelEnd[index] ?? 0);
    if (!(labels instanceof Labels)) {
      const samples = (columns.sampleStart[index + 1] ?? 0) - (columns.sampleStart[index] ?? 0);
      this.#resolved.drop(index, labels, samples);
      return;
    }
    const metricId = hasher.metricId(tenant.name, labels.get(METRIC_NAME));
    const seriesId = hasher.seriesId(tenant.name, labels);
    const series: CachedSeries = {
      metricIdLow: Number(metricId & 0xffffffffn),
      metricIdHigh: Number(metricId >> 32n),
      seriesIdLow: Number(seriesId & 0xffffffffn),
      seriesIdHigh: Number(seriesId >> 32n),
      partition: partitionOf(tenant.name, labels, partitions),
      announcedDay: -1,
    };
    cache.insert(tenant.index, columns.hashes[index * 2] ?? 0, columns.hashes[index * 2 + 1] ?? 0, series);
    this.#resolved.set(index, series);
    this.#resolved.labels.set(index, labels);
  }

  #checkTimestamps(columns: WriteRequestColumns): void {
    const latestMs = this.#options.now() + MAX_AHEAD_MS;
    if (columns.minTimestampMs >= 0 && columns.maxTimestampMs <= latestMs) return;
    // Samples of dropped series do not count: upstream looks at them no further either.
    for (let i = 0; i < columns.seriesCount; i++) {
      if (this.#resolved.isDropped(i)) continue;
      const end = columns.sampleStart[i + 1] ?? 0;
      for (let sample = columns.sampleStart[i] ?? 0; sample < end; sample++) {
        const timestampMs = columns.timestamps[sample] ?? 0;
        if (timestampMs > latestMs) throw new OutOfBoundsError(timestampMs, "lies more than 10 minutes ahead");
        if (timestampMs < 0) throw new OutOfBoundsError(timestampMs, "lies before 1970");
      }
    }
  }

  /**
   * Each day of a request costs an insert of its own and the labels of its series once more, so a request that is spread
   * over very many days would take far more of the store than its size says.
   */
  #checkSpread(columns: WriteRequestColumns): void {
    if (columns.maxTimestampMs - columns.minTimestampMs <= DAY_MS) return;
    const days = new Set<number>();
    let labelBytes = 0;
    for (let i = 0; i < columns.seriesCount; i++) {
      const seriesLabelBytes = (columns.labelEnd[i] ?? 0) - (columns.labelStart[i] ?? 0);
      let previousDay = -1;
      const end = columns.sampleStart[i + 1] ?? 0;
      for (let sample = columns.sampleStart[i] ?? 0; sample < end; sample++) {
        const day = Math.floor((columns.timestamps[sample] ?? 0) / DAY_MS);
        if (day === previousDay) continue;
        previousDay = day;
        days.add(day);
        labelBytes += seriesLabelBytes;
      }
    }
    if (days.size > MAX_DAYS || labelBytes > MAX_ANNOUNCED_BYTES) throw new SpreadTooWideError(days.size);
  }

  #appendAll(tenant: KnownTenant, columns: WriteRequestColumns, append: SampleAppend): number {
    const resolved = this.#resolved;
    const { ids, partitions } = resolved;
    const { sampleStart, timestamps, valueWords } = columns;
    let appended = 0;
    for (let i = 0; i < columns.seriesCount; i++) {
      if (resolved.isDropped(i)) continue;
      const partition = partitions[i] ?? 0;
      const metricLow = ids[i * 4] ?? 0;
      const metricHigh = ids[i * 4 + 1] ?? 0;
      const seriesLow = ids[i * 4 + 2] ?? 0;
      const seriesHigh = ids[i * 4 + 3] ?? 0;
      let announcedDay = resolved.announcedDays[i] ?? -1;
      const end = sampleStart[i + 1] ?? 0;
      for (let sample = sampleStart[i] ?? 0; sample < end; sample++) {
        const timestampMs = timestamps[sample] ?? 0;
        const day = Math.floor(timestampMs / DAY_MS);
        if (day !== announcedDay) {
          this.#announce(tenant, columns, i, day, append);
          announcedDay = day;
        }
        const low = valueWords[sample * 2] ?? 0;
        const high = valueWords[sample * 2 + 1] ?? 0;
        append.addSample(partition, metricLow, metricHigh, seriesLow, seriesHigh, timestampMs, low, high);
        appended++;
      }
    }
    for (const metadata of columns.metadata) append.addMetadata(metadata);
    return appended;
  }

  #announce(tenant: KnownTenant, columns: WriteRequestColumns, index: number, day: number, append: SampleAppend): void {
    const { cache, metrics } = this.#options;
    const resolved = this.#resolved;
    const labels =
      resolved.labels.get(index) ??
      readLabels(columns.bytes, columns.labelStart[index] ?? 0, columns.labelEnd[index] ?? 0);
    // The cache knows only series whose labels were once read from these very bytes.
    if (!(labels instanceof Labels))
      throw new AppError("GATEWAY_LABELS_LOST", "internal", "a known series lost its labels");
    const hashLow = columns.hashes[index * 2] ?? 0;
    const hashHigh = columns.hashes[index * 2 + 1] ?? 0;
    append.announce(
      resolved.partitions[index] ?? 0,
      resolved.ids[index * 4] ?? 0,
      resolved.ids[index * 4 + 1] ?? 0,
      resolved.ids[index * 4 + 2] ?? 0,
      resolved.ids[index * 4 + 3] ?? 0,
      day,
      labels,
      () => cache.markAnnounced(tenant.index, hashLow, hashHigh, day),
    );
    metrics.announcements.inc();
  }

  #countDrops(columns: WriteRequestColumns): void {
    const { droppedSamples, invalidLabelsSamples } = this.#options.metrics;
    for (const [reason, samples] of this.#resolved.droppedSamples) {
      droppedSamples.inc({ reason }, samples);
      invalidLabelsSamples.inc(samples);
    }
    droppedSamples.inc({ reason: "no_labels" }, columns.unlabelledSampleCount);
    invalidLabelsSamples.inc(columns.unlabelledSampleCount);
    droppedSamples.inc({ reason: "histograms_not_supported_yet" }, columns.histogramCount);
    droppedSamples.inc({ reason: "exemplars_not_supported_yet" }, columns.exemplarCount);
  }
}
