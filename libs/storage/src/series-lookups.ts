import type { ClickHouse } from "@monotreme/clickhouse";
import { createSeriesHasher, type Matcher, METRIC_NAME, type SeriesHasher } from "@monotreme/model";
import type { SeriesFilter } from "./series-filter.ts";
import { type FoundSeries, findSeries, type SeriesLookupOptions } from "./series-lookup.ts";

export type FindSeries = (filter: SeriesFilter, options: SeriesLookupOptions) => Promise<FoundSeries>;

export interface SeriesLookupsOptions {
  /** For that long after a look-up began, its answer serves the same question: new series wait no longer than this. */
  readonly freshMs?: number;
  /** Series held at most, of all answers together; each takes about a kilobyte. */
  readonly maxHeldSeries?: number;
  /** A clock in ms. */
  readonly now?: () => number;
}

const DEFAULT_FRESH_MS = 500;
const DEFAULT_MAX_HELD_SERIES = 30_000;
/** Older answers are no longer worth a guess. */
const FORGET_AFTER_MS = 120_000;

interface Answer {
  readonly found: FoundSeries;
  readonly seriesCount: number;
  readonly startedMs: number;
}

interface SharedLookup {
  readonly promise: Promise<FoundSeries>;
  readonly stop: AbortController;
  readonly startedMs: number;
  waiters: number;
}

/**
 * Look-ups of series that the selectors of one dashboard share: the same question is on its way once, and its answer
 * serves for a moment longer. Older answers are only good for guesses, to be checked against a new one.
 */
export class SeriesLookups {
  readonly #find: FindSeries;
  readonly #freshMs: number;
  readonly #maxHeldSeries: number;
  readonly #now: () => number;
  readonly #answers = new Map<string, Answer>();
  readonly #running = new Map<string, SharedLookup>();
  #heldSeries = 0;
  #hasher: Promise<SeriesHasher> | undefined;

  constructor(find: FindSeries, options: SeriesLookupsOptions = {}) {
    this.#find = find;
    this.#freshMs = options.freshMs ?? DEFAULT_FRESH_MS;
    this.#maxHeldSeries = options.maxHeldSeries ?? DEFAULT_MAX_HELD_SERIES;
    this.#now = options.now ?? Date.now;
  }

  /** What was found for this question less than a moment ago. */
  fresh(filter: SeriesFilter, maxSeries: number): FoundSeries | undefined {
    const answer = this.#answers.get(keyOf(filter, maxSeries));
    return answer !== undefined && this.#isFresh(answer) ? answer.found : undefined;
  }

  /** What was found for this question when it was asked last; some of it may be out of date. */
  recall(filter: SeriesFilter, maxSeries: number): FoundSeries | undefined {
    return this.#answers.get(keyOf(filter, maxSeries))?.found;
  }

  /** The id that the only metric of a selector has, where it asks for a name and nothing else. */
  async metricIdOf(tenant: string, matchers: readonly Matcher[]): Promise<bigint | undefined> {
    const [matcher] = matchers;
    if (matchers.length !== 1 || matcher?.name !== METRIC_NAME || matcher.type !== "=") return undefined;
    this.#hasher ??= createSeriesHasher();
    return (await this.#hasher).metricId(tenant, matcher.value);
  }

  /** Rejects as `findSeries` does, and with the signal's reason; a shared look-up ends when nobody waits for it. */
  async find(filter: SeriesFilter, { maxSeries, signal }: SeriesLookupOptions): Promise<FoundSeries> {
    const found = this.fresh(filter, maxSeries);
    if (found !== undefined) return found;
    signal?.throwIfAborted();
    const key = keyOf(filter, maxSeries);
    let lookup = this.#running.get(key);
    if (lookup === undefined || !this.#isFresh(lookup)) {
      lookup = this.#start(key, filter, maxSeries);
      this.#running.set(key, lookup);
    }
    lookup.waiters++;
    try {
      return await untilAborted(lookup.promise, signal);
    } finally {
      lookup.waiters--;
      if (lookup.waiters === 0) {
        lookup.stop.abort();
        if (this.#running.get(key) === lookup) this.#running.delete(key);
      }
    }
  }

  #isFresh({ startedMs }: { readonly startedMs: number }): boolean {
    return this.#now() - startedMs < this.#freshMs;
  }

  #start(key: string, filter: SeriesFilter, maxSeries: number): SharedLookup {
    const stop = new AbortController();
    const startedMs = this.#now();
    const promise = this.#find(filter, { maxSeries, signal: stop.signal }).then((found) => {
      this.#hold(key, found, startedMs);
      return found;
    });
    // Waiters that have left hear nothing of a failure.
    promise.catch(() => undefined);
    return { promise, stop, startedMs, waiters: 0 };
  }

  #hold(key: string, found: FoundSeries, startedMs: number): void {
    this.#forget(key);
    let seriesCount = 0;
    for (const ofMetric of found.values()) seriesCount += ofMetric.size;
    if (seriesCount > this.#maxHeldSeries) return;
    // Answers without series are held, too, and count as one.
    this.#heldSeries += Math.max(seriesCount, 1);
    this.#answers.set(key, { found, seriesCount, startedMs });
    for (const [oldKey, old] of this.#answers) {
      const isOver = this.#heldSeries > this.#maxHeldSeries || startedMs - old.startedMs > FORGET_AFTER_MS;
      if (!isOver || oldKey === key) return;
      this.#forget(oldKey);
    }
  }

  #forget(key: string): void {
    const answer = this.#answers.get(key);
    if (answer === undefined) return;
    this.#heldSeries -= Math.max(answer.seriesCount, 1);
    this.#answers.delete(key);
  }
}

/** Look-ups in the index of a ClickHouse, of all tenants. */
export function createSeriesLookups(clickhouse: ClickHouse, options?: SeriesLookupsOptions): SeriesLookups {
  return new SeriesLookups((filter, lookup) => findSeries(clickhouse, filter, lookup), options);
}

/** Whether two look-ups found series with the same ids. */
export function hasSameSeries(a: FoundSeries, b: FoundSeries): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [metricId, ofMetric] of a) {
    const others = b.get(metricId);
    if (others?.size !== ofMetric.size) return false;
    for (const seriesId of ofMetric.keys()) if (!others.has(seriesId)) return false;
  }
  return true;
}

function keyOf({ condition, parameters }: SeriesFilter, maxSeries: number): string {
  return JSON.stringify([maxSeries, condition, parameters]);
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let onAbort = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
    signal.throwIfAborted();
    return await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
