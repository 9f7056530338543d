import { AppError } from "@monotreme/errors";
import { type SampleSource, type SelectRequest, type SeriesSamples, TooManySamplesError } from "@monotreme/promql";
import type { ReadLimits } from "./query-limits.ts";

/** A timestamp and a value. */
const BYTES_PER_SAMPLE = 16;
/** What a histogram takes beside its sample, about. */
const BYTES_PER_HISTOGRAM = 400;

/** One query reads more bytes of samples and labels than it may. */
export class TooManyBytesError extends AppError {
  constructor(maxReadBytes: number) {
    super("QUERY_TOO_MANY_BYTES", "limit", `the query reads more than ${maxReadBytes} bytes of samples and labels`);
  }
}

/** One query reads more series than it may. */
export class TooManySeriesError extends AppError {
  constructor(maxSeries: number) {
    super("QUERY_TOO_MANY_SERIES", "limit", `the query matches more than ${maxSeries} series`);
  }
}

/** What the selectors of one query read so far. */
export interface ReadProgress {
  readonly samples: number;
  readonly series: number;
  readonly bytes: number;
}

/** Selectors read at one time: each may take all that is left of the limits, so few do where the limits are wide. */
const PARALLEL_READS = 2;
const PARALLEL_SMALL_READS = 8;
const SMALL_SAMPLES = 100_000;

/**
 * Bounds what all selectors of one query read together: each is told what is left when it begins, and all are counted
 * when they end.
 */
export class BoundedSource implements SampleSource {
  readonly #source: SampleSource;
  readonly #limits: ReadLimits;
  readonly #onRead: (progress: ReadProgress, request: SelectRequest) => void;
  /** The last reads, so many as may run at one time; each next one follows one of them. */
  readonly #tails: Promise<unknown>[];
  #reads = 0;
  #samples = 0;
  #series = 0;
  #bytes = 0;
  /** When the last read ended, on the clock of `performance.now`. */
  readUntilMs: number | undefined;

  constructor(
    source: SampleSource,
    limits: ReadLimits,
    onRead: (progress: ReadProgress, request: SelectRequest) => void = () => undefined,
  ) {
    this.#source = source;
    this.#limits = limits;
    this.#onRead = onRead;
    const places = limits.maxSamples <= SMALL_SAMPLES ? PARALLEL_SMALL_READS : PARALLEL_READS;
    this.#tails = Array.from({ length: places }, async () => undefined);
  }

  async select(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    const place = this.#reads++ % this.#tails.length;
    const read = (this.#tails[place] ?? Promise.resolve()).then(() => this.#read(request));
    this.#tails[place] = read.catch(() => undefined);
    const series = await read;
    this.readUntilMs = performance.now();
    return series;
  }

  async #read(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    request.signal?.throwIfAborted();
    const { maxSamples, maxReadBytes } = this.#limits;
    const samplesLeft = Math.min(maxSamples, request.maxSamples ?? Infinity) - this.#samples;
    const byBytes = Math.floor((maxReadBytes - this.#bytes) / BYTES_PER_SAMPLE);
    let series: readonly SeriesSamples[];
    try {
      series = await this.#source.select({ ...request, maxSamples: Math.max(0, Math.min(samplesLeft, byBytes)) });
    } catch (error) {
      const isTooMany = error instanceof AppError && error.code === "QUERY_TOO_MANY_SAMPLES";
      throw isTooMany && byBytes < samplesLeft ? new TooManyBytesError(maxReadBytes) : error;
    }
    this.#count(series);
    this.#onRead({ samples: this.#samples, series: this.#series, bytes: this.#bytes }, request);
    return series;
  }

  #count(series: readonly SeriesSamples[]): void {
    const { maxSamples, maxSeries, maxReadBytes } = this.#limits;
    this.#series += series.length;
    if (this.#series > maxSeries) throw new TooManySeriesError(maxSeries);
    for (const { labels, timestamps, histograms } of series) {
      this.#samples += timestamps.length;
      this.#bytes += timestamps.length * BYTES_PER_SAMPLE + labels.length;
      if (histograms !== undefined) this.#bytes += histograms.length * BYTES_PER_HISTOGRAM;
    }
    if (this.#samples > maxSamples) throw new TooManySamplesError();
    if (this.#bytes > maxReadBytes) throw new TooManyBytesError(maxReadBytes);
  }
}
