import {
  type Labels,
  type MetricMetadata,
  type NativeHistogram,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
} from "@monotreme/model";
import type { ReadExemplar } from "./read-exemplar.ts";
import type { ReadHistogram } from "./read-histogram.ts";
import { type LabelFault, readLabels } from "./read-labels.ts";
import { WriteRequestTooLargeError } from "./remote-write-error.ts";

const INITIAL_SERIES = 4096;
/** Buckets of all histograms of a request, gaps included: few bytes can ask for many. */
const MAX_BUCKETS = 1 << 22;
/** Columns beyond this many entries are given back after the request that needed them. */
const KEPT_ENTRIES = 1 << 17;

/** A native histogram of series `series`. */
export interface SeriesHistogram {
  readonly series: number;
  readonly timestampMs: number;
  readonly histogram: NativeHistogram;
}

/** An exemplar of series `series`. */
export interface SeriesExemplar extends ReadExemplar {
  readonly series: number;
}

/** When the counting of a sample or histogram of series `series` began. */
export interface SeriesStart {
  readonly series: number;
  readonly timestampMs: number;
  readonly startTimestampMs: number;
}

/** Something of a request that cannot be stored. */
export interface RequestFault {
  readonly kind: "histogram" | "exemplar" | "series";
  readonly text: string;
  /** How many samples and histograms it costs. */
  readonly samples: number;
}

/**
 * One decoded request as columns; series i owns the samples from `sampleStart[i]` up to `sampleStart[i + 1]`. Only
 * series that have labels and samples are listed. All of it is valid until the decoder's next call.
 */
export class WriteRequestColumns {
  /** The uncompressed message that the label ranges point into. */
  bytes: Uint8Array = new Uint8Array(0);
  seriesCount = 0;
  sampleCount = 0;
  /** The range of each series' label fields, for `readLabels`. */
  labelStart = new Uint32Array(INITIAL_SERIES);
  labelEnd = new Uint32Array(INITIAL_SERIES);
  /** How long the labels of each series are, as they would be written out. */
  labelBytes = new Uint32Array(INITIAL_SERIES);
  /** The hash of each series' raw label bytes, low word at 2i, high word at 2i + 1. */
  hashes = new Uint32Array(INITIAL_SERIES * 2);
  sampleStart = new Uint32Array(INITIAL_SERIES + 1);
  timestamps = new Float64Array(INITIAL_SERIES);
  /** The bits of each value, low word at 2i, high word at 2i + 1. */
  valueWords = new Uint32Array(INITIAL_SERIES * 2);
  minTimestampMs = Infinity;
  maxTimestampMs = -Infinity;
  metadata: MetricMetadata[] = [];
  /** Each in the order of the series. */
  histograms: SeriesHistogram[] = [];
  exemplars: SeriesExemplar[] = [];
  starts: SeriesStart[] = [];
  faults: RequestFault[] = [];
  /** Staleness markers that came as histograms, by series; they are samples. */
  staleHistograms: number[] = [];
  /** Reads the labels of a series, or tells why they cannot be stored. */
  labelsOf: (series: number) => Labels | LabelFault = (series) =>
    readLabels(this.bytes, this.labelStart[series] ?? 0, this.labelEnd[series] ?? 0);
  /** Series without any label, and the samples they had; they are not in the columns. */
  unlabelledSeriesCount = 0;
  unlabelledSampleCount = 0;

  #bucketCount = 0;

  /** Starts a new request over `bytes`. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    if (this.labelStart.length > KEPT_ENTRIES) this.#sizeSeries(INITIAL_SERIES);
    if (this.timestamps.length > KEPT_ENTRIES) this.#sizeSamples(INITIAL_SERIES);
    this.seriesCount = 0;
    this.sampleCount = 0;
    this.sampleStart[0] = 0;
    this.minTimestampMs = Infinity;
    this.maxTimestampMs = -Infinity;
    this.metadata = [];
    this.histograms = [];
    this.exemplars = [];
    this.starts = [];
    this.faults = [];
    this.staleHistograms = [];
    this.#bucketCount = 0;
    this.unlabelledSeriesCount = 0;
    this.unlabelledSampleCount = 0;
  }

  addSample(timestampMs: number, valueLow: number, valueHigh: number): void {
    const index = this.sampleCount;
    if (index === this.timestamps.length) this.#sizeSamples(index * 2);
    this.timestamps[index] = timestampMs;
    this.valueWords[index * 2] = valueLow;
    this.valueWords[index * 2 + 1] = valueHigh;
    this.sampleCount = index + 1;
    if (timestampMs < this.minTimestampMs) this.minTimestampMs = timestampMs;
    if (timestampMs > this.maxTimestampMs) this.maxTimestampMs = timestampMs;
  }

  /** Adds a histogram to the series that is being read. */
  addHistogram({ timestampMs, startTimestampMs, histogram, isStale, fault }: ReadHistogram): void {
    const series = this.seriesCount;
    if (fault !== undefined) {
      this.faults.push({ kind: "histogram", text: `histogram at ${timestampMs} ms: ${fault}`, samples: 1 });
      return;
    }
    if (isStale) {
      this.addSample(timestampMs, STALE_NAN_LOW, STALE_NAN_HIGH);
      this.staleHistograms.push(series);
    }
    if (histogram !== undefined) {
      this.#bucketCount += histogram.positiveBuckets.length + histogram.negativeBuckets.length;
      if (this.#bucketCount > MAX_BUCKETS) throw new WriteRequestTooLargeError(`more than ${MAX_BUCKETS} buckets`);
      this.histograms.push({ series, timestampMs, histogram });
      if (timestampMs < this.minTimestampMs) this.minTimestampMs = timestampMs;
      if (timestampMs > this.maxTimestampMs) this.maxTimestampMs = timestampMs;
    }
    if (startTimestampMs !== 0) this.starts.push({ series, timestampMs, startTimestampMs });
  }

  /** Adds an exemplar to the series that is being read; undefined is one that cannot be stored. */
  addExemplar(exemplar: ReadExemplar | undefined): void {
    if (exemplar !== undefined) this.exemplars.push({ series: this.seriesCount, ...exemplar });
    else this.faults.push({ kind: "exemplar", text: "an exemplar has labels that cannot be stored", samples: 1 });
  }

  /** Closes a series: the samples added since the last one are its own. */
  endSeries(
    labelStart: number,
    labelEnd: number,
    hashLow: number,
    hashHigh: number,
    labelBytes: number = labelEnd - labelStart,
  ): void {
    const index = this.seriesCount;
    if (index === this.labelStart.length) this.#sizeSeries(index * 2);
    this.labelStart[index] = labelStart;
    this.labelEnd[index] = labelEnd;
    this.labelBytes[index] = labelBytes;
    this.hashes[index * 2] = hashLow;
    this.hashes[index * 2 + 1] = hashHigh;
    this.seriesCount = index + 1;
    this.sampleStart[index + 1] = this.sampleCount;
  }

  /** Takes back what was read of a series that turned out to have no label at all. */
  dropUnlabelled(samples: number): void {
    this.unlabelledSeriesCount++;
    this.unlabelledSampleCount += this.#takeBack(this.sampleCount - samples);
  }

  /** Takes back what was read of a series since there were `samplesBefore` samples, and notes why. */
  dropSeries(samplesBefore: number, text: string): void {
    this.faults.push({ kind: "series", text, samples: this.#takeBack(samplesBefore) });
  }

  /** Forgets the samples, histograms and exemplars of the series that is being read; returns how many they were. */
  #takeBack(samplesBefore: number): number {
    let count = this.sampleCount - samplesBefore;
    this.sampleCount = samplesBefore;
    // They stand at the end: only as many are looked at as are taken back.
    for (const list of [this.histograms, this.exemplars]) {
      for (; list.at(-1)?.series === this.seriesCount; list.pop()) count++;
    }
    while (this.starts.at(-1)?.series === this.seriesCount) this.starts.pop();
    while (this.staleHistograms.at(-1) === this.seriesCount) this.staleHistograms.pop();
    return count;
  }

  #sizeSeries(entries: number): void {
    const kept = Math.min(entries, this.labelStart.length);
    this.labelStart = resized(this.labelStart, entries, kept);
    this.labelEnd = resized(this.labelEnd, entries, kept);
    this.labelBytes = resized(this.labelBytes, entries, kept);
    this.hashes = resized(this.hashes, entries * 2, kept * 2);
    this.sampleStart = resized(this.sampleStart, entries + 1, kept + 1);
  }

  #sizeSamples(entries: number): void {
    const kept = Math.min(entries, this.timestamps.length);
    const timestamps = new Float64Array(entries);
    timestamps.set(this.timestamps.subarray(0, kept));
    this.timestamps = timestamps;
    this.valueWords = resized(this.valueWords, entries * 2, kept * 2);
  }
}

function resized(column: Uint32Array, length: number, kept: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length);
  copy.set(column.subarray(0, kept));
  return copy;
}
