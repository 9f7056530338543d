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

/**
 * Bounds what all selectors of one query read together. They are read one after the other: side by side each would be
 * allowed what only all of them together are.
 */
export class BoundedSource implements SampleSource {
  readonly #source: SampleSource;
  readonly #limits: ReadLimits;
  readonly #onRead: (progress: ReadProgress, request: SelectRequest) => void;
  #last: Promise<unknown> = Promise.resolve();
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
  }

  async select(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    const read = this.#last.then(() => this.#read(request));
    this.#last = read.catch(() => undefined);
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
