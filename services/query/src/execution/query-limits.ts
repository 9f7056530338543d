import { type Engine, type Language, languageOf, splitFeatures } from "@monotreme/promql";

/** What one query may read and hold. */
export interface ReadLimits {
  readonly maxSamples: number;
  readonly maxSeries: number;
  /** Bytes of samples and labels. */
  readonly maxReadBytes: number;
}

/** What bounds queries; durations in ms. */
export interface QueryLimits extends ReadLimits {
  readonly lookbackMs: number;
  readonly timeoutMs: number;
  readonly maxSteps: number;
  readonly maxConcurrency: number;
  readonly maxConcurrencyPerTenant: number;
  readonly maxQueued: number;
  /** Queries that do not say how coarse their data may be take downsampled data where that changes little. */
  readonly autoDownsampling: boolean;
}

/** A tenant's own limits before those of all. */
export function limitsFor(limits: QueryLimits, own: Partial<QueryLimits>): QueryLimits {
  const { maxSamples, maxSeries, maxReadBytes, lookbackMs, timeoutMs, maxSteps } = limits;
  const { maxConcurrency, maxConcurrencyPerTenant, maxQueued, autoDownsampling } = limits;
  const ofAll = { maxSamples, maxSeries, maxReadBytes, lookbackMs, timeoutMs, maxSteps };
  return { ...ofAll, maxConcurrency, maxConcurrencyPerTenant, maxQueued, autoDownsampling, ...own };
}

/** Timers hold no more. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A series of a range query has at most that many points, as upstream. */
export const MAX_POINTS_PER_SERIES = 11_000;

/** The language of queries, and how they are told about, as the features switched on make it. */
export interface LanguageOptions extends Language {
  /** `stats=all` tells the samples of every step. */
  readonly perStepStatistics: boolean;
}

/** From upstream's `--enable-feature` values; names without a meaning here are passed over. */
export function languageFromFeatures(features: string): LanguageOptions {
  const enabled = splitFeatures(features);
  return { ...languageOf(enabled), perStepStatistics: enabled.has("promql-per-step-stats") };
}

/** The part of the engine that running queries needs. */
export type QueryEngine = Pick<Engine, "query">;
