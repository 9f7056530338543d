import { createSeriesHasher, Labels, Matcher } from "@monotreme/model";
import { expect, test } from "vitest";
import type { SeriesFilter } from "./series-filter.ts";
import type { FoundSeries, SeriesLookupOptions } from "./series-lookup.ts";
import { hasSameSeries, SeriesLookups } from "./series-lookups.ts";

function filterOf(metric: string, tenant = "zoo"): SeriesFilter {
  return { condition: "metric = {metric:String}", parameters: { tenant, metric } };
}

function foundOf(...seriesIds: bigint[]): FoundSeries {
  return new Map([[1n, new Map(seriesIds.map((id) => [id, Labels.EMPTY]))]]);
}

/** A store that answers when it is told to. */
class Store {
  readonly asked: { filter: SeriesFilter; options: SeriesLookupOptions }[] = [];
  readonly #answers: { resolve(found: FoundSeries): void; reject(error: Error): void }[] = [];
  nowMs = 0;
  readonly lookups = new SeriesLookups(
    (filter, options) => {
      this.asked.push({ filter, options });
      return new Promise((resolve, reject) => this.#answers.push({ resolve, reject }));
    },
    { freshMs: 500, maxHeldSeries: 3, now: () => this.nowMs },
  );

  find(metric: string, signal?: AbortSignal): Promise<FoundSeries> {
    return this.lookups.find(filterOf(metric), { maxSeries: 10, signal });
  }

  answer(found: FoundSeries | Error): void {
    const waiting = this.#answers.shift();
    if (found instanceof Error) waiting?.reject(found);
    else waiting?.resolve(found);
  }
}

test("series lookups - the same question is asked once, and its answer serves half a second", async () => {
  const store = new Store();
  const both = [store.find("a"), store.find("a")];
  store.nowMs = 499;
  store.answer(foundOf(1n));
  expect(await Promise.all(both)).toEqual([foundOf(1n), foundOf(1n)]);
  expect(await store.find("a")).toEqual(foundOf(1n));
  expect(store.asked).toHaveLength(1);
  store.nowMs = 500;
  expect(store.lookups.fresh(filterOf("a"), 10)).toBeUndefined();
  expect(store.lookups.recall(filterOf("a"), 10)).toEqual(foundOf(1n));
  const again = store.find("a");
  store.answer(foundOf(1n, 2n));
  expect(await again).toEqual(foundOf(1n, 2n));
});

test("series lookups - a look-up that began too long ago is not joined", () => {
  const store = new Store();
  void store.find("a");
  store.nowMs = 500;
  void store.find("a");
  expect(store.asked).toHaveLength(2);
});

test("series lookups - tenants and limits are questions of their own", async () => {
  const store = new Store();
  const first = store.find("a");
  store.answer(foundOf(1n));
  await first;
  expect(store.lookups.fresh(filterOf("a", "other"), 10)).toBeUndefined();
  expect(store.lookups.fresh(filterOf("a"), 9)).toBeUndefined();
});

test("series lookups - one who leaves does not end it for the others, the last one does", async () => {
  const store = new Store();
  const [one, other] = [new AbortController(), new AbortController()];
  const left = store.find("a", one.signal);
  const stays = store.find("a", other.signal);
  const signal = store.asked[0]?.options.signal;
  one.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  expect(signal?.aborted).toBe(false);
  other.abort(new Error("gone too"));
  await expect(stays).rejects.toThrow("gone too");
  expect(signal?.aborted).toBe(true);
});

test("series lookups - failures reach everyone and are not kept", async () => {
  const store = new Store();
  const both = Promise.allSettled([store.find("a"), store.find("a")]);
  store.answer(new Error("store is down"));
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  void store.find("a");
  expect(store.asked).toHaveLength(2);
});

test("series lookups - only so many series are held, the oldest answers go first", async () => {
  const store = new Store();
  for (const [metric, found] of Object.entries({ a: foundOf(1n), b: foundOf(2n, 3n), c: foundOf(4n) })) {
    const asked = store.find(metric);
    store.answer(found);
    await asked;
  }
  const held = ["a", "b", "c"].filter((metric) => store.lookups.recall(filterOf(metric), 10) !== undefined);
  expect(held).toEqual(["b", "c"]);
  const large = store.find("large");
  store.answer(foundOf(1n, 2n, 3n, 4n));
  await large;
  expect(store.lookups.recall(filterOf("large"), 10)).toBeUndefined();
});

test("series lookups - a selector of one name alone has a known metric", async () => {
  const { lookups } = new Store();
  const hasher = await createSeriesHasher();
  const name = new Matcher("=", "__name__", "up");
  expect(await lookups.metricIdOf("zoo", [name])).toBe(hasher.metricId("zoo", "up"));
  for (const matchers of [[], [name, new Matcher("=", "job", "a")], [new Matcher("=~", "__name__", "up")]]) {
    expect(await lookups.metricIdOf("zoo", matchers)).toBeUndefined();
  }
});

test("series lookups - answers are compared by ids", () => {
  expect(hasSameSeries(foundOf(1n, 2n), foundOf(2n, 1n))).toBe(true);
  expect(hasSameSeries(foundOf(1n, 2n), foundOf(1n, 3n))).toBe(false);
  expect(hasSameSeries(foundOf(1n), foundOf(1n, 2n))).toBe(false);
  expect(hasSameSeries(foundOf(1n), new Map())).toBe(false);
});
