import type { MetricMetadata } from "@monotreme/model";

const INITIAL_SERIES = 4096;
/** Columns beyond this many entries are given back after the request that needed them. */
const KEPT_ENTRIES = 1 << 17;

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
  /** The hash of each series' raw label bytes, low word at 2i, high word at 2i + 1. */
  hashes = new Uint32Array(INITIAL_SERIES * 2);
  sampleStart = new Uint32Array(INITIAL_SERIES + 1);
  timestamps = new Float64Array(INITIAL_SERIES);
  /** The bits of each value, low word at 2i, high word at 2i + 1. */
  valueWords = new Uint32Array(INITIAL_SERIES * 2);
  minTimestampMs = Infinity;
  maxTimestampMs = -Infinity;
  metadata: MetricMetadata[] = [];
  /** Exemplars and native histograms seen, in all series; they are not decoded. */
  exemplarCount = 0;
  histogramCount = 0;
  /** Series without any label, and the samples they had; they are not in the columns. */
  unlabelledSeriesCount = 0;
  unlabelledSampleCount = 0;

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
    this.exemplarCount = 0;
    this.histogramCount = 0;
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

  /** Closes a series: the samples added since the last one are its own. */
  endSeries(labelStart: number, labelEnd: number, hashLow: number, hashHigh: number): void {
    const index = this.seriesCount;
    if (index === this.labelStart.length) this.#sizeSeries(index * 2);
    this.labelStart[index] = labelStart;
    this.labelEnd[index] = labelEnd;
    this.hashes[index * 2] = hashLow;
    this.hashes[index * 2 + 1] = hashHigh;
    this.seriesCount = index + 1;
    this.sampleStart[index + 1] = this.sampleCount;
  }

  /** Takes back the samples of a series that turned out to have no label at all. */
  dropUnlabelled(samples: number): void {
    this.sampleCount -= samples;
    this.unlabelledSeriesCount++;
    this.unlabelledSampleCount += samples;
  }

  #sizeSeries(entries: number): void {
    const kept = Math.min(entries, this.labelStart.length);
    this.labelStart = resized(this.labelStart, entries, kept);
    this.labelEnd = resized(this.labelEnd, entries, kept);
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
