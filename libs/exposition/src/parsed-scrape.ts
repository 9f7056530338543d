import type { Labels, NativeHistogram } from "@monotreme/model";

/** An exemplar of one sample of a scrape. */
export interface ScrapedExemplar {
  /** The position of its sample in the scrape's columns. */
  readonly sample: number;
  readonly labels: Labels;
  readonly value: number;
  /** Epoch milliseconds; undefined where the target gave none. */
  readonly timestampMs: number | undefined;
}

/** A native histogram in place of the value of one sample of a scrape. */
export interface ScrapedHistogram {
  /** The position of its sample in the scrape's columns. */
  readonly sample: number;
  readonly histogram: NativeHistogram;
}

/** When the counting of one sample of a scrape began. */
export interface ScrapedStart {
  readonly sample: number;
  /** Whole epoch milliseconds. */
  readonly startMs: number;
}

/**
 * What one body said, as columns of which the first `count` entries count, in the body's order. The arrays belong to
 * the parser and are valid until its next `parse`. A series that the body shows twice is there twice, with one slot.
 */
export interface ParsedScrape {
  readonly count: number;
  /** The series of each sample: an index that stays the same as long as the series is in every body. */
  readonly slots: Int32Array;
  /** Values; NaNs have Prometheus' normal NaN bits, so copy them as bits (`set`, `subarray`). */
  readonly values: Float64Array;
  /** Epoch milliseconds; NaN where the target gave none. */
  readonly timestamps: Float64Array;
  /** Whether any sample has a timestamp of its own. */
  readonly hasTimestamps: boolean;
  /** Slots of series that the previous body did not have; read their labels with `labelsOf`. */
  readonly created: readonly number[];
  /**
   * Slots of series that the previous body had and this one has not. They may stand for other series from the next
   * `parse` on, never in this one.
   */
  readonly freed: readonly number[];
  /** In the order of their samples. */
  readonly exemplars: readonly ScrapedExemplar[];
  /** In the order of their samples; no body of text has any. */
  readonly histograms: readonly ScrapedHistogram[];
  /** In the order of their samples; no body of text has any. */
  readonly starts: readonly ScrapedStart[];
  /** False only where `metadata()` gives the same as after the previous body. */
  readonly metadataChanged: boolean;
}
