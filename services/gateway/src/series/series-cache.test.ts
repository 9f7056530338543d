import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CachedSeries, SeriesCache } from "./series-cache.ts";

function seriesOf(id: number, announcedDay = -1): CachedSeries {
  return {
    metricIdLow: id,
    metricIdHigh: 1,
    seriesIdLow: id,
    seriesIdHigh: 0xffffffff,
    partition: id % 7,
    announcedDay,
  };
}

function find(cache: SeriesCache, tenant: number, low: number, high: number): CachedSeries | undefined {
  const found = seriesOf(0);
  return cache.find(tenant, low, high, found) ? found : undefined;
}

describe("series cache", () => {
  test("series cache - agrees with a map while nothing is forgotten", () => {
    const key = fc.record({ tenant: fc.nat({ max: 2 }), low: fc.nat({ max: 20 }), high: fc.integer() });
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.integer({ min: -1, max: 50_000 })), { maxLength: 60 }), (operations) => {
        const cache = new SeriesCache({ maxSeries: 1000, onRotate: () => expect.unreachable() });
        const model = new Map<string, CachedSeries>();
        for (const [{ tenant, low, high }, day] of operations) {
          const id = `${tenant}/${low}/${high >>> 0}`;
          const known = model.get(id);
          expect(find(cache, tenant, low, high)).toEqual(known);
          if (known === undefined) {
            cache.insert(tenant, low, high, seriesOf(low, day));
            model.set(id, seriesOf(low, day));
          } else if (day >= 0) {
            cache.markAnnounced(tenant, low, high, day);
            known.announcedDay = day;
          }
        }
        expect(cache.size).toBe(model.size);
      }),
    );
  });

  test("series cache - keeps all entries while it grows", () => {
    const cache = new SeriesCache({ maxSeries: 200_000, onRotate: () => expect.unreachable() });
    for (let i = 0; i < 50_000; i++) cache.insert(3, Math.imul(i, 0x9e3779b1), i, seriesOf(i, 20_000));
    let found = 0;
    for (let i = 0; i < 50_000; i++) if (find(cache, 3, Math.imul(i, 0x9e3779b1), i)?.seriesIdLow === i) found++;
    expect(found).toBe(50_000);
    expect(cache.size).toBe(50_000);
  });

  test("series cache - forgets the older half when full, but keeps what is in use", () => {
    let rotations = 0;
    const cache = new SeriesCache({ maxSeries: 200, onRotate: () => rotations++ });
    cache.insert(0, 1, 1, seriesOf(1, 5));
    for (let i = 2; i < 1000; i++) {
      cache.insert(0, i, i, seriesOf(i));
      expect(find(cache, 0, 1, 1)?.announcedDay).toBe(5);
    }
    expect(cache.size).toBeLessThanOrEqual(200);
    expect(rotations).toBeGreaterThan(5);
    expect(find(cache, 0, 2, 2)).toBeUndefined();
  });

  test("series cache - notes a day of an entry in the older half", () => {
    const cache = new SeriesCache({ maxSeries: 4, onRotate: () => undefined });
    for (const id of [1, 2, 3]) cache.insert(0, id, id, seriesOf(id));
    cache.markAnnounced(0, 1, 1, 9);
    expect(find(cache, 0, 1, 1)?.announcedDay).toBe(9);
  });

  test("series cache - a forgotten series takes no day, and tenants share no entry", () => {
    const cache = new SeriesCache({ maxSeries: 10, onRotate: () => undefined });
    cache.markAnnounced(0, 1, 1, 9);
    cache.insert(0, 1, 1, seriesOf(1));
    expect(find(cache, 1, 1, 1)).toBeUndefined();
    cache.clear();
    expect(find(cache, 0, 1, 1)).toBeUndefined();
  });
});
