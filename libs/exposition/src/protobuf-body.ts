import type { NativeHistogram } from "@monotreme/model";
import { denseHistogram, type HistogramBounds, ProtobufReader, RemoteWriteError } from "@monotreme/remote-write";
import { ExpositionError } from "./exposition-error.ts";
import { labelsFromPairs } from "./label-pairs.ts";
import {
  FAMILY_TYPE,
  type ReadExemplar,
  type ReadFamily,
  type ReadMetric,
  readFamily,
  readMetric,
} from "./metric-family-reader.ts";
import type { ParsedScrape, ScrapedExemplar, ScrapedHistogram, ScrapedStart } from "./parsed-scrape.ts";
import { SampleColumns } from "./sample-columns.ts";
import type { ScrapeBodyParser } from "./scrape-body-parser.ts";
import { SeriesLines } from "./series-lines.ts";

/** Which histograms of a body are read, and how large they may be. */
export interface ProtobufOptions extends HistogramBounds {
  /** Whether native histograms are read; else they do not exist. */
  readonly nativeHistograms: boolean;
  /** Whether histograms that are native are also read as classic ones. */
  readonly classicBesideNative: boolean;
}

/** Buckets of all histograms of one body, gaps included: 32 MB. */
const MAX_BUCKETS = 1 << 22;

const LOWEST_SCHEMA = -4;
const HIGHEST_SCHEMA = 8;

/**
 * Reads a delimited sequence of `io.prometheus.client.MetricFamily` messages as the next body of a parser, with the
 * same promises as its `parse`: any fault is an {@link ExpositionError} and changes nothing.
 */
export function parseProtobufBody(parser: ScrapeBodyParser, body: Buffer, options: ProtobufOptions): ParsedScrape {
  const families = new FamilyCollector(options);
  try {
    families.collect(body);
  } catch (error) {
    if (!(error instanceof RemoteWriteError)) throw error;
    throw new ExpositionError("EXPOSITION_INVALID", error.message);
  }
  const { columns, exemplars, histograms, starts } = families;
  // The parser knows series from scrape to scrape by their text; values need none.
  const parsed = parser.parse(families.lines.finish(), "openmetrics");
  const { values, timestamps, hasTimestamps } = columns;
  return { ...parsed, values, timestamps, hasTimestamps, exemplars, histograms, starts };
}

/** The highest schema allowed where buckets should grow by about that factor, as upstream picks it; 0 allows all. */
export function schemaOfBucketFactor(factor: number): number {
  if (!(factor > 1)) return HIGHEST_SCHEMA;
  return Math.min(Math.max(0 - Math.floor(Math.log2(Math.log2(factor))), LOWEST_SCHEMA), HIGHEST_SCHEMA);
}

class FamilyCollector {
  readonly columns = new SampleColumns();
  readonly exemplars: ScrapedExemplar[] = [];
  readonly histograms: ScrapedHistogram[] = [];
  readonly starts: ScrapedStart[] = [];
  readonly lines = new SeriesLines();
  readonly #options: ProtobufOptions;
  #count = 0;
  #buckets = 0;

  constructor(options: ProtobufOptions) {
    this.#options = options;
  }

  collect(body: Buffer): void {
    const reader = new ProtobufReader(body);
    while (reader.at < reader.end) {
      const family = readFamily(reader);
      if (family.name === "") throw new ExpositionError("EXPOSITION_INVALID", "a metric family has no name");
      this.lines.family(family.name, family.help, typeNameOf(family.type), family.unit);
      const after = reader.at;
      for (const at of family.metrics) {
        reader.at = at;
        this.#add(family, readMetric(reader));
      }
      reader.at = after;
    }
  }

  #add({ name, type }: ReadFamily, metric: ReadMetric): void {
    switch (type) {
      case FAMILY_TYPE.summary:
        this.#addTotals(name, metric);
        for (const { quantile, value } of metric.quantiles) this.#push(name, metric, value, ["quantile", quantile]);
        return;
      case FAMILY_TYPE.histogram:
      case FAMILY_TYPE.gaugeHistogram:
        this.#addHistogram(name, type === FAMILY_TYPE.gaugeHistogram, metric);
        return;
      default: {
        const sample = this.#push(name, metric, metric.value);
        if (type === FAMILY_TYPE.counter && metric.exemplar !== undefined) this.#addExemplar(sample, metric.exemplar);
      }
    }
  }

  #addHistogram(name: string, isGauge: boolean, metric: ReadMetric): void {
    const isNative = this.#options.nativeHistograms && hasNative(metric);
    if (isNative) this.#addNative(name, isGauge, metric);
    if (isNative && !this.#options.classicBesideNative) return;
    this.#addTotals(name, metric);
    let hasInfinite = false;
    for (const { upperBound, count, exemplar } of metric.buckets) {
      hasInfinite ||= upperBound === Infinity;
      const sample = this.#push(`${name}_bucket`, metric, count, ["le", upperBound]);
      if (exemplar !== undefined) this.#addExemplar(sample, exemplar);
    }
    if (!hasInfinite) this.#push(`${name}_bucket`, metric, metric.count, ["le", Infinity]);
  }

  #addTotals(name: string, metric: ReadMetric): void {
    this.#push(`${name}_count`, metric, metric.count);
    this.#push(`${name}_sum`, metric, metric.sum);
  }

  #addNative(name: string, isGauge: boolean, metric: ReadMetric): void {
    if (isGauge) metric.native.counterResetHint = "gauge";
    const histogram = denseHistogram(metric.native, this.#options);
    if (typeof histogram === "string") {
      throw new ExpositionError("EXPOSITION_INVALID", `the native histogram ${JSON.stringify(name)}: ${histogram}`);
    }
    this.#boundBuckets(histogram);
    const sample = this.#push(name, metric, 0);
    this.histograms.push({ sample, histogram });
    const ofBuckets = metric.buckets.flatMap(({ exemplar }) => exemplar ?? []);
    const exemplars = metric.nativeExemplars.length > 0 ? metric.nativeExemplars : ofBuckets;
    // Without their times nobody could tell several of one histogram apart.
    for (const exemplar of exemplars.filter(({ timestampMs }) => !Number.isNaN(timestampMs)).sort(byTime)) {
      this.#addExemplar(sample, exemplar);
    }
  }

  #boundBuckets({ positiveBuckets, negativeBuckets }: NativeHistogram): void {
    this.#buckets += positiveBuckets.length + negativeBuckets.length;
    if (this.#buckets <= MAX_BUCKETS) return;
    throw new ExpositionError(
      "EXPOSITION_INVALID",
      `the body's native histograms have more than ${MAX_BUCKETS} buckets`,
    );
  }

  /** Returns the sample's position. */
  #push(
    name: string,
    { pairs, timestampMs, startMs }: ReadMetric,
    value: number,
    bound?: readonly [string, number],
  ): number {
    this.lines.series(name, pairs, bound);
    const at = this.#count++;
    this.columns.reserve(at + 1);
    this.columns.setValue(at, value);
    this.columns.timestamps[at] = timestampMs === 0 ? Number.NaN : timestampMs;
    if (timestampMs !== 0) this.columns.hasTimestamps = true;
    if (Number.isSafeInteger(startMs)) this.starts.push({ sample: at, startMs });
    return at;
  }

  #addExemplar(sample: number, { pairs, value, timestampMs }: ReadExemplar): void {
    const labels = labelsFromPairs(pairs);
    this.exemplars.push({ sample, labels, value, timestampMs: Number.isNaN(timestampMs) ? undefined : timestampMs });
  }
}

function byTime(a: ReadExemplar, b: ReadExemplar): number {
  return a.timestampMs - b.timestampMs;
}

/** An empty native histogram shows itself by its zero bucket or by a span of no buckets. */
function hasNative({ native }: ReadMetric): boolean {
  const { positive, negative, zeroThreshold, zeroCount } = native;
  return positive.spans.length > 0 || negative.spans.length > 0 || zeroThreshold > 0 || zeroCount > 0;
}

function typeNameOf(type: number): string {
  switch (type) {
    case FAMILY_TYPE.counter:
      return "counter";
    case FAMILY_TYPE.gauge:
      return "gauge";
    case FAMILY_TYPE.summary:
      return "summary";
    case FAMILY_TYPE.histogram:
      return "histogram";
    case FAMILY_TYPE.gaugeHistogram:
      return "gaugehistogram";
    default:
      return "unknown";
  }
}
