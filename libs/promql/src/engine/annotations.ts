import { type Labels, METRIC_NAME } from "@monotreme/model";
import type { PositionRange } from "../ast.ts";
import type { MonotonicityFix } from "../functions/classic-buckets.ts";
import { formatGoFloat } from "./go-float.ts";

/** What was fixed in the histograms of one metric, all together. */
interface FixedBuckets {
  readonly suffix: string;
  readonly metricName: string;
  fromBound: number;
  toBound: number;
  maxDifference: number;
  count: number;
  firstMs: number;
  lastMs: number;
}

/**
 * The warnings and infos of one query, each text once, in order of appearance. Texts end with the line and column of
 * their expression, counted from 1, where the query's text is known.
 */
export class Annotations {
  readonly #text: string | undefined;
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();
  readonly #fixes = new Map<string, FixedBuckets>();

  constructor(queryText: string | undefined) {
    this.#text = queryText;
  }

  warn(message: string, position: PositionRange): void {
    this.#warnings.add(`PromQL warning: ${message}${this.#suffix(position)}`);
  }

  inform(message: string, position: PositionRange): void {
    this.#infos.add(`PromQL info: ${message}${this.#suffix(position)}`);
  }

  /** Tells of classic buckets whose counts fell; all that are fixed for one metric come to one info. */
  informFixed(labels: Labels, fix: MonotonicityFix, timestampMs: number, position: PositionRange): void {
    const metricName = labels.get(METRIC_NAME);
    const suffix = this.#suffix(position);
    const key = `${metricName}${suffix}`;
    const known = this.#fixes.get(key);
    if (known === undefined) {
      this.#fixes.set(key, { suffix, metricName, ...fix, count: 1, firstMs: timestampMs, lastMs: timestampMs });
      return;
    }
    known.fromBound = Math.min(known.fromBound, fix.fromBound);
    known.toBound = Math.max(known.toBound, fix.toBound);
    known.maxDifference = Math.max(known.maxDifference, fix.maxDifference);
    known.count++;
    known.firstMs = Math.min(known.firstMs, timestampMs);
    known.lastMs = Math.max(known.lastMs, timestampMs);
  }

  /** At most `limit` texts, then one that says how many were left out; 0 = all. */
  warnings(limit: number): string[] {
    return limited([...this.#warnings], limit, "warning");
  }

  infos(limit: number): string[] {
    return limited([...this.#infos, ...[...this.#fixes.values()].map(describeFixed)], limit, "info");
  }

  #suffix({ line, column }: PositionRange): string {
    return this.#text === undefined ? "" : ` (${line}:${column})`;
  }
}

function describeFixed(fix: FixedBuckets): string {
  return (
    "PromQL info: input to histogram_quantile needed to be fixed for monotonicity " +
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) " +
    `for metric name ${quoted(fix.metricName)}, ` +
    `from buckets ${shownFloat(fix.fromBound)} to ${shownFloat(fix.toBound)}, ` +
    `with a max diff of ${formatGoFloat(fix.maxDifference, 2)}, ` +
    `over ${fix.count} samples from ${shownTime(fix.firstMs)} to ${shownTime(fix.lastMs)}${fix.suffix}`
  );
}

/** RFC 3339 without trailing zeros; beyond the calendar the milliseconds. */
function shownTime(timestampMs: number): string {
  const date = new Date(timestampMs);
  return Number.isNaN(date.getTime()) ? `${timestampMs}` : date.toISOString().replace(/\.?0*Z$/, "Z");
}

function limited(all: readonly string[], limit: number, noun: string): string[] {
  if (limit === 0 || all.length <= limit) return [...all];
  return [...all.slice(0, limit), `${all.length - limit} more ${noun} annotations omitted`];
}

/** A name in Go's double quotes, as annotations and errors show it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A float in an annotation. */
export function shownFloat(value: number): string {
  return formatGoFloat(value);
}
