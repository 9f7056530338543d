import { compareUtf8 } from "./utf8.ts";

/** The label that holds the metric's name. */
export const METRIC_NAME = "__name__";

/**
 * The longest label set that is stored, in UTF-16 units of all names and values together: far above any label set of
 * use, and far below what one message of the bus holds.
 */
export const MAX_LABELS_LENGTH = 256 * 1024;

/** Joins names and values in keys: half of a surrogate pair, which no text decoded from UTF-8 holds alone. */
const SEPARATOR = "\udfff";

/**
 * An immutable set of labels, sorted by the UTF-8 bytes of their names. A label with an empty value is the same as no
 * label, so it is never kept. Two sets with the same labels have the same `key`.
 */
export class Labels {
  static readonly EMPTY = new Labels([]);

  /** name, value, name, value, … sorted by name. */
  readonly #pairs: readonly string[];
  #key: string | undefined;

  private constructor(pairs: readonly string[]) {
    this.#pairs = pairs;
  }

  /** Takes names and values in turn, already sorted by name, without duplicates or empty values; does not copy. */
  static fromSortedPairs(pairs: readonly string[]): Labels {
    return pairs.length === 0 ? Labels.EMPTY : new Labels(pairs);
  }

  /** From any order; of two entries with one name the later wins; empty values are left out. */
  static fromEntries(entries: Iterable<readonly [string, string]>): Labels {
    const map = new Map<string, string>();
    for (const [name, value] of entries) {
      if (value === "") map.delete(name);
      else map.set(name, value);
    }
    const names = [...map.keys()].sort(compareUtf8);
    return Labels.fromSortedPairs(names.flatMap((name) => [name, map.get(name) as string]));
  }

  static fromObject(object: Readonly<Record<string, string>>): Labels {
    return Labels.fromEntries(Object.entries(object));
  }

  get size(): number {
    return this.#pairs.length / 2;
  }

  /** UTF-16 units of all names and values together; see {@link MAX_LABELS_LENGTH}. */
  get length(): number {
    return this.#pairs.reduce((sum, part) => sum + part.length, 0);
  }

  /** A string equal for equal sets only; cached. */
  get key(): string {
    this.#key ??= this.#pairs.join(SEPARATOR);
    return this.#key;
  }

  get metricName(): string {
    return this.get(METRIC_NAME);
  }

  /** The value of a label, `""` where it is absent (PromQL's reading of an absent label). */
  get(name: string): string {
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1] as string;
    return "";
  }

  has(name: string): boolean {
    return this.get(name) !== "";
  }

  nameAt(index: number): string {
    return this.#pairs[index * 2] as string;
  }

  valueAt(index: number): string {
    return this.#pairs[index * 2 + 1] as string;
  }

  names(): string[] {
    return this.#pairs.filter((_, i) => i % 2 === 0);
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) yield [pairs[i] as string, pairs[i + 1] as string];
  }

  /** Only the labels named. */
  keep(names: ReadonlySet<string>): Labels {
    return this.#filter((name) => names.has(name));
  }

  /** All labels but those named. */
  drop(names: ReadonlySet<string>): Labels {
    return this.#filter((name) => !names.has(name));
  }

  withoutMetricName(): Labels {
    return this.has(METRIC_NAME) ? this.#filter((name) => name !== METRIC_NAME) : this;
  }

  /** Sets one label; an empty value removes it. */
  with(name: string, value: string): Labels {
    return Labels.fromEntries([...this, [name, value]]);
  }

  equals(other: Labels): boolean {
    return this === other || this.key === other.key;
  }

  toObject(): Record<string, string> {
    return Object.fromEntries(this);
  }

  /** As Prometheus prints it: `name{a="1", b="2"}`. */
  toString(): string {
    const inner: string[] = [];
    for (const [name, value] of this) {
      if (name === METRIC_NAME && isLegacyMetricName(value)) continue;
      inner.push(`${isLegacyLabelName(name) ? name : JSON.stringify(name)}=${JSON.stringify(value)}`);
    }
    const metricName = this.metricName;
    const head = isLegacyMetricName(metricName) ? metricName : "";
    return inner.length === 0 && head !== "" ? head : `${head}{${inner.join(", ")}}`;
  }

  #filter(keep: (name: string) => boolean): Labels {
    const pairs = this.#pairs;
    const kept: string[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      if (keep(pairs[i] as string)) kept.push(pairs[i] as string, pairs[i + 1] as string);
    }
    return kept.length === pairs.length ? this : Labels.fromSortedPairs(kept);
  }
}

/** Prometheus' order of label sets: label by label, name before value, the shorter set first. */
export function compareLabels(a: Labels, b: Labels): number {
  const size = Math.min(a.size, b.size);
  for (let i = 0; i < size; i++) {
    const order = compareUtf8(a.nameAt(i), b.nameAt(i)) || compareUtf8(a.valueAt(i), b.valueAt(i));
    if (order !== 0) return order;
  }
  return a.size - b.size;
}

export function isLegacyMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

export function isLegacyLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}
