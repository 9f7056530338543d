import type { SampleAppend, SampleSink } from "@monotreme/bus";
import { partitionOf } from "@monotreme/contracts";
import { AppError } from "@monotreme/errors";
import type { TenantIngestLimits } from "@monotreme/prometheus-config";
import { Labels, METRIC_NAME, type SeriesHasher } from "@monotreme/model";
import {
  SnappyReader,
  type WriteRequestColumns,
  WriteRequestDecoder,
  WriteRequestV2Decoder,
} from "@monotreme/remote-write";
import type { GatewayMetrics } from "../metrics.ts";
import type { CachedSeries, SeriesCache } from "../series/series-cache.ts";
import type { KnownTenant, TenantRegistry } from "../series/tenant-registry.ts";
import { appendExtras, type ExtrasSummary } from "./append-extras.ts";
import { RecentMetadata } from "./recent-metadata.ts";
import { ResolvedSeries } from "./resolved-series.ts";

const DAY_MS = 86_400_000;
/** Days that the samples of one request may lie on, and the bytes that naming their series on each may take. */
const MAX_DAYS = 400;
const MAX_ANNOUNCED_BYTES = 64 * 1024 * 1024;

/** Prometheus takes samples up to 10 minutes ahead of its clock. */
const MAX_AHEAD_MS = 600_000;
/** Faults of a partial write that its answer names. */
const MAX_NAMED_FAULTS = 20;

/** A sample that no store can take; as upstream answers, the whole request is refused. */
export class OutOfBoundsError extends AppError {
  constructor(timestampMs: number, reason: string) {
    super("SAMPLE_OUT_OF_BOUNDS", "invalid", `out of bounds: the timestamp ${timestampMs} ms ${reason}`);
  }
}

/** A native histogram that breaks the rules of its form; as upstream answers, the whole request (1.0) is refused. */
export class InvalidHistogramError extends AppError {
  constructor(reason: string) {
    super("REMOTE_WRITE_HISTOGRAM_INVALID", "invalid", reason);
  }
}

/** A request whose samples lie on so many days that storing it would hold up everybody else. */
export class SpreadTooWideError extends AppError {
  constructor(days: number) {
    const advice = `send older samples in time order, at most ${MAX_DAYS} days a request`;
    super("REMOTE_WRITE_TOO_SPREAD", "invalid", `the samples are spread over too many days (${days}); ${advice}`);
  }
}

/** A request with more than its tenant may send at once; nothing of it was stored. */
export class TenantLimitError extends AppError {
  constructor(what: string, count: number, limit: number) {
    super("REMOTE_WRITE_TENANT_LIMIT", "limit", `the request has ${count} ${what}, the tenant's limit is ${limit}`);
  }
}

export interface WriteReceiverOptions {
  readonly writer: SampleSink;
  readonly hasher: SeriesHasher;
  readonly cache: SeriesCache;
  readonly tenants: TenantRegistry;
  readonly metrics: GatewayMetrics;
  readonly partitions: number;
  readonly limitsOf: (tenant: string) => TenantIngestLimits;
  /** Epoch ms. */
  readonly now: () => number;
}

/** The version of the remote write protocol that a body is in. */
export type WriteVersion = 1 | 2;

/** What of a request was stored. */
export interface WriteSummary {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  /** What of a request of version 2 was left out, and why; the rest is stored. Version 1 knows no partial writes. */
  readonly faults: readonly string[];
}

/**
 * Takes bodies of remote write 1.0 and 2.0: decodes and checks the whole body before the first sample is appended, and
 * resolves only when all of it is durable. Between the two nothing else runs, so its scratch columns serve every request.
 */
export class WriteReceiver {
  readonly #options: WriteReceiverOptions;
  readonly #snappy = new SnappyReader();
  readonly #decoders = { 1: new WriteRequestDecoder(), 2: new WriteRequestV2Decoder() };
  readonly #resolved = new ResolvedSeries();
  readonly #found: CachedSeries = {
    metricIdLow: 0,
    metricIdHigh: 0,
    seriesIdLow: 0,
    seriesIdHigh: 0,
    partition: 0,
    announcedDay: -1,
  };

  readonly #recentMetadata: RecentMetadata;

  constructor(options: WriteReceiverOptions) {
    this.#options = options;
    this.#recentMetadata = new RecentMetadata(options.now);
  }

  /** Throws an error of kind `invalid` for a body that can never be stored, `unavailable` where trying again helps. */
  async write(tenantName: string, body: Uint8Array, version: WriteVersion = 1): Promise<WriteSummary> {
    const { writer, tenants, metrics } = this.#options;
    // First, because a full buffer must cost nothing.
    const append = writer.begin(tenantName);
    const stopTimer = metrics.decodeSeconds.startTimer();
    const tenant = tenants.get(tenantName);
    const columns = this.#decoders[version].decode(this.#snappy.uncompress(body), tenant.hashSeed);
    checkLimits(columns, this.#options.limitsOf(tenantName));
    this.#resolveAll(tenant, columns);
    const latestMs = this.#options.now() + MAX_AHEAD_MS;
    if (version === 1) this.#refuseFaults(columns, latestMs);
    this.#checkSpread(columns, latestMs);
    const appended = this.#appendAll(tenant, columns, append, latestMs);
    const extras = appendExtras({
      columns,
      resolved: this.#resolved,
      append,
      announce: (series, timestampMs) => this.#announceDay(tenant, columns, series, timestampMs, append),
      isOutOfBounds: (timestampMs) => timestampMs < 0 || timestampMs > latestMs,
    });
    const metadata = columns.metadata.filter((entry) => this.#recentMetadata.isNew(tenantName, entry));
    for (const entry of metadata) append.addMetadata(entry);
    this.#countDrops(columns, appended.outOfBounds, extras);
    const summary = this.#summaryOf(columns, appended, extras, version);
    stopTimer();
    await append.commit();
    for (const entry of metadata) this.#recentMetadata.remember(tenantName, entry);
    metrics.samples.inc(summary.samples);
    metrics.histograms.inc(summary.histograms);
    metrics.exemplars.inc(summary.exemplars);
    metrics.metadata.inc(metadata.length);
    return summary;
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
    const labels = columns.labelsOf(index);
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

  /** Version 1 is stored as a whole or not at all. */
  #refuseFaults(columns: WriteRequestColumns, latestMs: number): void {
    const fault = columns.faults.find(({ kind }) => kind === "histogram");
    if (fault !== undefined) throw new InvalidHistogramError(fault.text);
    if (columns.minTimestampMs >= 0 && columns.maxTimestampMs <= latestMs) return;
    const check = (timestampMs: number): void => {
      if (timestampMs > latestMs) throw new OutOfBoundsError(timestampMs, "lies more than 10 minutes ahead");
      if (timestampMs < 0) throw new OutOfBoundsError(timestampMs, "lies before 1970");
    };
    // Samples of dropped series do not count: upstream looks at them no further either.
    for (let i = 0; i < columns.seriesCount; i++) {
      if (this.#resolved.isDropped(i)) continue;
      const end = columns.sampleStart[i + 1] ?? 0;
      for (let sample = columns.sampleStart[i] ?? 0; sample < end; sample++) check(columns.timestamps[sample] ?? 0);
    }
    for (const { series, timestampMs } of columns.histograms) {
      if (!this.#resolved.isDropped(series)) check(timestampMs);
    }
  }

  #checkSpread(columns: WriteRequestColumns, latestMs: number): void {
    const { labelBytes, sampleStart, timestamps } = columns;
    const days = new Set<number>();
    let announcedBytes = 0;
    let previousSeries = -1;
    let previousDay = -1;
    const add = (series: number, timestampMs: number): void => {
      const day = Math.floor(timestampMs / DAY_MS);
      if (series === previousSeries && day === previousDay) return;
      if (timestampMs < 0 || timestampMs > latestMs) return;
      previousSeries = series;
      previousDay = day;
      days.add(day);
      announcedBytes += labelBytes[series] ?? 0;
    };
    if (columns.maxTimestampMs - columns.minTimestampMs > DAY_MS) {
      for (let i = 0; i < columns.seriesCount; i++) {
        const end = sampleStart[i + 1] ?? 0;
        for (let sample = sampleStart[i] ?? 0; sample < end; sample++) add(i, timestamps[sample] ?? 0);
      }
      for (const { series, timestampMs } of columns.histograms) add(series, timestampMs);
    }
    for (const { series, timestampMs } of columns.exemplars) add(series, timestampMs);
    if (days.size > MAX_DAYS || announcedBytes > MAX_ANNOUNCED_BYTES) throw new SpreadTooWideError(days.size);
  }

  #appendAll(
    tenant: KnownTenant,
    columns: WriteRequestColumns,
    append: SampleAppend,
    latestMs: number,
  ): { samples: number; outOfBounds: number } {
    const resolved = this.#resolved;
    const { ids, partitions } = resolved;
    const { sampleStart, timestamps, valueWords } = columns;
    const isAllInBounds = columns.minTimestampMs >= 0 && columns.maxTimestampMs <= latestMs;
    let samples = 0;
    let outOfBounds = 0;
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
        if (!isAllInBounds && (timestampMs < 0 || timestampMs > latestMs)) {
          outOfBounds++;
          continue;
        }
        const day = Math.floor(timestampMs / DAY_MS);
        if (day !== announcedDay) {
          this.#announce(tenant, columns, i, day, append);
          announcedDay = day;
        }
        const low = valueWords[sample * 2] ?? 0;
        const high = valueWords[sample * 2 + 1] ?? 0;
        append.addSample(partition, metricLow, metricHigh, seriesLow, seriesHigh, timestampMs, low, high);
        samples++;
      }
      resolved.announcedDays[i] = announcedDay;
    }
    return { samples, outOfBounds };
  }

  #announceDay(
    tenant: KnownTenant,
    columns: WriteRequestColumns,
    series: number,
    timestampMs: number,
    append: SampleAppend,
  ): void {
    const { announcedDays } = this.#resolved;
    const day = Math.floor(timestampMs / DAY_MS);
    if (announcedDays[series] === day) return;
    this.#announce(tenant, columns, series, day, append);
    announcedDays[series] = day;
  }

  #summaryOf(
    columns: WriteRequestColumns,
    appended: { samples: number; outOfBounds: number },
    extras: ExtrasSummary,
    version: WriteVersion,
  ): WriteSummary {
    const stale = columns.staleHistograms.filter((series) => !this.#resolved.isDropped(series)).length;
    const stored = {
      samples: appended.samples - stale,
      histograms: extras.histograms + stale,
      exemplars: extras.exemplars,
    };
    return { ...stored, faults: version === 1 ? [] : this.#faultsOf(columns, appended.outOfBounds, extras) };
  }

  #faultsOf(columns: WriteRequestColumns, outOfBounds: number, extras: ExtrasSummary): string[] {
    const faults = columns.faults.slice(0, MAX_NAMED_FAULTS).map(({ text }) => text);
    const more = columns.faults.length - faults.length;
    if (more > 0) faults.push(`${more} more`);
    for (const [reason, samples] of this.#resolved.droppedSamples) {
      faults.push(`labels that cannot be stored (${reason}): ${samples} samples`);
    }
    const late = outOfBounds + extras.outOfBoundsHistograms;
    if (late > 0) faults.push(`out of bounds: ${late} samples lie before 1970 or more than 10 minutes ahead`);
    if (extras.outOfBoundsExemplars > 0) faults.push(`out of bounds: ${extras.outOfBoundsExemplars} exemplars`);
    return faults;
  }

  #announce(tenant: KnownTenant, columns: WriteRequestColumns, index: number, day: number, append: SampleAppend): void {
    const { cache, metrics } = this.#options;
    const resolved = this.#resolved;
    const labels = resolved.labels.get(index) ?? columns.labelsOf(index);
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

  #countDrops(columns: WriteRequestColumns, outOfBounds: number, extras: ExtrasSummary): void {
    const { droppedSamples, invalidLabelsSamples } = this.#options.metrics;
    for (const [reason, samples] of this.#resolved.droppedSamples) {
      droppedSamples.inc({ reason }, samples);
      invalidLabelsSamples.inc(samples);
    }
    droppedSamples.inc({ reason: "no_labels" }, columns.unlabelledSampleCount);
    invalidLabelsSamples.inc(columns.unlabelledSampleCount);
    for (const { kind, samples } of columns.faults) droppedSamples.inc({ reason: `invalid_${kind}` }, samples);
    droppedSamples.inc({ reason: "out_of_bounds" }, outOfBounds + extras.outOfBoundsHistograms);
    droppedSamples.inc({ reason: "out_of_bounds" }, extras.outOfBoundsExemplars);
  }
}

function checkLimits(columns: WriteRequestColumns, limits: TenantIngestLimits): void {
  const { maxSeriesPerRequest = Infinity, maxSamplesPerRequest = Infinity } = limits;
  const { seriesCount, sampleStart, histograms } = columns;
  const samples = (sampleStart[seriesCount] ?? 0) + histograms.length;
  if (seriesCount > maxSeriesPerRequest) throw new TenantLimitError("series", seriesCount, maxSeriesPerRequest);
  if (samples > maxSamplesPerRequest) throw new TenantLimitError("samples", samples, maxSamplesPerRequest);
}
