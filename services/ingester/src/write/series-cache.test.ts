import fc from "fast-check";
import { expect, test } from "vitest";
import { SeriesCache, type SeriesKey } from "./series-cache.ts";

function key(seriesIdLow: number, changes: Partial<SeriesKey> = {}): SeriesKey {
  return { seriesIdLow, seriesIdHigh: 7, metricIdLow: 9, day: 20_000, ...changes };
}

test("series cache - knows what it was given, by series, metric and day", () => {
  const cache = new SeriesCache(1000);
  const keys = [key(1), key(1, { day: 20_001 }), key(1, { metricIdLow: 10 }), key(1, { seriesIdHigh: 8 }), key(2)];
  expect(keys.map((each) => cache.add(each))).toEqual([true, true, true, true, true]);
  expect(keys.map((each) => cache.add(each))).toEqual([false, false, false, false, false]);
  expect(cache.size).toBe(5);
});

test("series cache - a key of zeros is a key like any other", () => {
  const cache = new SeriesCache(1000);
  const zeros = { seriesIdLow: 0, seriesIdHigh: 0, metricIdLow: 0, day: 0 };
  expect([cache.add(zeros), cache.add(zeros), cache.size]).toEqual([true, false, 1]);
});

test("series cache - agrees with a set while it has room", () => {
  const word = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  const anyKey = fc.record({ seriesIdLow: word, seriesIdHigh: word, metricIdLow: word, day: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 3000 }), (keys) => {
      const cache = new SeriesCache(10_000);
      const known = new Set<string>();
      for (const each of keys) {
        const text = JSON.stringify(each);
        expect(cache.add(each)).toBe(!known.has(text));
        known.add(text);
      }
    }),
    { numRuns: 20 },
  );
});

test("series cache - never holds more than its bound, and keeps what is in use", () => {
  const cache = new SeriesCache(2000);
  const inUse = key(4_000_000_000);
  cache.add(inUse);
  for (let i = 0; i < 20_000; i++) {
    cache.add(key(i));
    expect(cache.size).toBeLessThanOrEqual(2000);
    if (i % 500 === 0) expect(cache.add(inUse)).toBe(false);
  }
  expect(cache.add(key(0))).toBe(true);
  expect(cache.add(key(19_999))).toBe(false);
});
