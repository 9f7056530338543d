import {
  BUCKET_COLUMNS,
  type BucketColumn,
  FIVE_MINUTES,
  ONE_HOUR,
  type Resolution,
  startOf,
  WINDOW_MS,
} from "@monotreme/blocks";
import { ClickHouse } from "@monotreme/clickhouse";
import { createBucketMaker } from "@monotreme/compactor";
import { Labels, STALE_NAN_HIGH, STALE_NAN_LOW, wordsOf } from "@monotreme/model";
import { bucketize, coarsen, type SampleBuckets } from "@monotreme/promql";
import {
  BlockCatalog,
  bucketColumnsFor,
  DeletionMasks,
  migrateStorage,
  RawChunkBatch,
  readBucketHistograms,
  readBuckets,
  type StoredBuckets,
  streamHistograms,
} from "@monotreme/storage";
import { createSilentLogger } from "@monotreme/telemetry";
import { startClickHouse, type TestServer } from "@monotreme/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

const WEEK_MS = ONE_HOUR.blockMs;
/** The start of a week as 1h blocks have it. */
const EPOCH = startOf(Date.UTC(2026, 0, 15), WEEK_MS);
const METRIC = 77n;

let server: TestServer;
let clickhouse: ClickHouse;
let weeks = 0;
let generations = 1;

beforeAll(async () => {
  server = await startClickHouse();
  clickhouse = new ClickHouse({ url: server.url, database: "monotreme" });
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
});

afterAll(async () => {
  await clickhouse?.close();
  await server?.stop();
});

type Value = number | "stale";

/** The samples of one series, by time. */
type History = Map<number, Value>;

/** Series as they should be, and the blocks that were made of them; each has weeks of its own. */
class World {
  readonly startMs = EPOCH + 4 * WEEK_MS * weeks++;
  readonly series = new Map<bigint, History>();
  readonly rawGenerations = new Map<number, number>();
  readonly #made = new Map<string, number>();

  /** What raw jobs do: the windows' chunks of these series are written again with everything. */
  async addSamples(additions: readonly (readonly [seriesId: bigint, offsetMs: number, value: Value])[]): Promise<void> {
    const touched = new Map<number, Set<bigint>>();
    for (const [seriesId, offsetMs, value] of additions) {
      const timestampMs = this.startMs + offsetMs;
      const history = this.series.get(seriesId) ?? new Map<number, Value>();
      this.series.set(seriesId, history);
      // Of two at one time a marker loses, so samples never become fewer.
      if (value !== "stale" || !history.has(timestampMs)) history.set(timestampMs, value);
      const windowMs = startOf(timestampMs, WINDOW_MS);
      touched.set(windowMs, (touched.get(windowMs) ?? new Set()).add(seriesId));
    }
    for (const [windowMs, seriesIds] of touched) await this.writeRaw(windowMs, seriesIds);
  }

  async writeRaw(windowMs: number, seriesIds: Iterable<bigint>): Promise<void> {
    const generation = (generations += 2);
    const batch = new RawChunkBatch({ startMs: windowMs, generation });
    for (const seriesId of seriesIds) {
      batch.add(chunkSeries(seriesId), this.samplesOf(seriesId, windowMs, windowMs + WINDOW_MS));
    }
    await batch.insert(clickhouse, { deduplicationToken: `raw/${generation}` });
    this.rawGenerations.set(windowMs, generation);
  }

  samplesOf(
    seriesId: bigint,
    afterMs = -Infinity,
    untilMs = Infinity,
  ): { timestamps: Float64Array; values: Float64Array } {
    const list = [...(this.series.get(seriesId) ?? [])]
      .filter(([timestampMs]) => timestampMs > afterMs && timestampMs <= untilMs)
      .toSorted((a, b) => a[0] - b[0]);
    const values = new Float64Array(list.length);
    for (const [i, [, value]] of list.entries()) {
      if (value === "stale") wordsOf(values).set([STALE_NAN_LOW, STALE_NAN_HIGH], i * 2);
      else values[i] = value;
    }
    return { timestamps: Float64Array.from(list, ([timestampMs]) => timestampMs), values };
  }

  /** Makes all blocks of a resolution of which a window has changed. */
  async make(resolution: Resolution): Promise<void> {
    const blocks = new Map<number, { startMs: number; generation: number }[]>();
    for (const [startMs, generation] of this.rawGenerations) {
      const key = `${resolution.name}/${startMs}`;
      if (this.#made.get(key) === generation) continue;
      this.#made.set(key, generation);
      const block = startOf(startMs + 1, resolution.blockMs);
      blocks.set(block, [...(blocks.get(block) ?? []), { startMs, generation }]);
    }
    for (const [startMs, remake] of blocks) await makeBlock(resolution, startMs, remake);
  }

  read(resolution: Resolution): Promise<StoredBuckets> {
    const ranges = [{ afterMs: this.startMs, untilMs: this.startMs + WEEK_MS }];
    return read(resolution, ranges);
  }

  async expectRight(): Promise<void> {
    const [fine, coarse] = [await this.read(FIVE_MINUTES), await this.read(ONE_HOUR)];
    for (const seriesId of this.series.keys()) {
      const expected = bucketize(this.samplesOf(seriesId), FIVE_MINUTES.resolutionMs);
      expectSame(fine.take(METRIC, seriesId), expected);
      expectSame(coarse.take(METRIC, seriesId), coarsen(expected, ONE_HOUR.resolutionMs));
    }
    expect([...fine.remaining()]).toEqual([]);
  }
}

function chunkSeries(seriesId: bigint) {
  const words = { metricIdLow: Number(METRIC), metricIdHigh: 0 };
  return {
    className: "default",
    ...words,
    seriesIdLow: Number(seriesId & 0xffffffffn),
    seriesIdHigh: Number(seriesId >> 32n),
  };
}

async function makeBlock(
  resolution: Resolution,
  startMs: number,
  remake: readonly { startMs: number; generation: number }[],
  options: { masks?: DeletionMasks; maxChunks?: number } = {},
) {
  const { masks = DeletionMasks.NONE, maxChunks = 4 } = options;
  const generation = (generations += 2);
  const maker = createBucketMaker({ clickhouse, loadMasks: async () => masks, maxChunks });
  const key = { resolutionMs: resolution.resolutionMs, startMs };
  const record = { ...(await new BlockCatalog(clickhouse, "test").begin(key, 0)), generation };
  const context = {
    record,
    current: undefined,
    signal: new AbortController().signal,
    guard: () => undefined,
    breathe: () => undefined,
    onProgress: () => undefined,
  };
  return maker({ key, remake, keep: [] }, context);
}

function read(
  resolution: Resolution,
  ranges: readonly { afterMs: number; untilMs: number }[],
  columns: ReadonlySet<BucketColumn> = new Set(BUCKET_COLUMNS),
  masks = DeletionMasks.NONE,
): Promise<StoredBuckets> {
  return readBuckets(clickhouse, {
    resolution,
    ids: "metric_id IN (77)",
    parameters: {},
    ranges,
    columns,
    masks,
    count: () => undefined,
  });
}

const BITS = ["ends", "counts", "lasts", "firsts", "mins", "maxs", "resets"] as const;
const NUMBERS = ["firstTimes", "lastTimes", "markerTimes"] as const;

function expectSame(actual: SampleBuckets | undefined, expected: SampleBuckets): void {
  if (actual === undefined) {
    expect([...expected.ends]).toEqual([]);
    return;
  }
  for (const column of BITS)
    expect([column, ...wordsOf(actual[column])]).toEqual([column, ...wordsOf(expected[column])]);
  for (const column of NUMBERS) expect([column, ...actual[column]]).toEqual([column, ...expected[column]]);
  for (const column of ["sums", "increases"] as const) {
    for (const [i, value] of expected[column].entries()) {
      const difference = Math.abs(actual[column][i]! - value);
      expect(Object.is(actual[column][i], value) || difference <= 1e-12 * Math.abs(value)).toBe(true);
    }
  }
}

const offset = fc.oneof(
  fc.integer({ min: 1, max: 2 * FIVE_MINUTES.blockMs }),
  // Around the borders of buckets, windows and days.
  fc
    .tuple(fc.integer({ min: 0, max: 24 }), fc.integer({ min: -2, max: 2 }))
    .map(([k, by]) => Math.max(1, k * WINDOW_MS + by)),
);
const value = fc.oneof(
  fc.integer({ min: 0, max: 500 }).map((n): Value => n / 10),
  fc.integer({ min: 0, max: 10 }).map((n): Value => 1e9 + n),
  fc.constantFrom<Value>("stale", Number.NaN, Infinity, -0),
);
const addition = fc.tuple(
  fc.bigInt({ min: 1n, max: 5n }).map((id) => id << 61n),
  offset,
  value,
);
const additions = fc.array(addition, { minLength: 1, maxLength: 80 });

test("bucket chunks - whatever comes when, what is read is what all samples make", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(additions, { minLength: 1, maxLength: 3 }), async (rounds) => {
      const world = new World();
      for (const round of rounds) {
        await world.addSamples(round);
        await world.make(FIVE_MINUTES);
        await world.make(ONE_HOUR);
      }
      await world.expectRight();
    }),
    { numRuns: 6 },
  );
});

const SERIES = 5n << 61n;
const HOUR_MS = 3_600_000;

/** A counter with a sample a minute over so many hours. */
async function worldOfCounter(hours: number): Promise<World> {
  const world = new World();
  await world.addSamples(Array.from({ length: hours * 60 }, (_, i) => [SERIES, (i + 1) * 60_000, i % 100] as const));
  await world.make(FIVE_MINUTES);
  await world.make(ONE_HOUR);
  return world;
}

/** A deletion of a series, as its receipt says it. */
async function noteDeletion(fromMs: number, untilMs: number): Promise<DeletionMasks> {
  const generation = (generations += 1);
  generations += 1;
  await clickhouse.command(`INSERT INTO deletions (id, tenant, from_ms, until_ms, generation, state, version)
    VALUES ('${generation}', '', ${fromMs}, ${untilMs}, ${generation}, 'active', 1)`);
  const deletion = { id: String(generation), fromMs, untilMs, generation };
  const words = Uint32Array.of(Number(METRIC), 0, Number(SERIES & 0xffffffffn), Number(SERIES >> 32n));
  return DeletionMasks.of([{ deletion, series: words }]);
}

test("bucket chunks - a series that lost all its samples to a deletion has no buckets any more", async () => {
  const world = await worldOfCounter(6);
  await noteDeletion(world.startMs, world.startMs + 6 * HOUR_MS);
  world.series.get(SERIES)?.clear();
  for (const windowMs of world.rawGenerations.keys()) await world.writeRaw(windowMs, [SERIES]);
  await world.make(FIVE_MINUTES);
  await world.make(ONE_HOUR);
  for (const resolution of [FIVE_MINUTES, ONE_HOUR]) {
    expect((await world.read(resolution)).take(METRIC, SERIES)?.ends.length ?? 0).toBe(0);
  }
});

test("bucket chunks - what a deletion hides is in no bucket that is made or read after it", async () => {
  const world = await worldOfCounter(4);
  const masks = await noteDeletion(world.startMs + 1, world.startMs + HOUR_MS);
  const options = { masks, maxChunks: 100 };
  const everything = [{ afterMs: world.startMs, untilMs: world.startMs + WEEK_MS }];
  const hidden = await read(FIVE_MINUTES, everything, bucketColumnsFor("", false), masks);
  expect(hidden.take(METRIC, SERIES)?.ends.length).toBe(36);
  // The raw chunks are not written again yet, and one window only is made again.
  const windows = [...world.rawGenerations].map(([startMs, generation]) => ({ startMs, generation }));
  await makeBlock(FIVE_MINUTES, world.startMs, windows.slice(1), options);
  const kept = (await world.read(FIVE_MINUTES)).take(METRIC, SERIES);
  expect(kept?.ends[0]).toBe(world.startMs + HOUR_MS + FIVE_MINUTES.resolutionMs);
  await makeBlock(FIVE_MINUTES, world.startMs, windows, options);
  expect((await world.read(FIVE_MINUTES)).take(METRIC, SERIES)?.ends.length).toBe(36);
});

test("bucket chunks - late samples of a window that retention forgot are added to its buckets, once", async () => {
  const world = await worldOfCounter(4);
  const history = new Map(world.series.get(SERIES));
  const lateMs = world.startMs + 5 * 60_000 + 30_000;
  world.series.set(SERIES, new Map([[lateMs, 1000]]));
  await world.writeRaw(startOf(lateMs, WINDOW_MS), [SERIES]);
  const windows = [...world.rawGenerations].map(([startMs, generation]) => ({ startMs, generation })).slice(0, 1);
  for (let attempt = 0; attempt < 2; attempt++) {
    await makeBlock(FIVE_MINUTES, world.startMs, windows);
    await makeBlock(ONE_HOUR, world.startMs, windows);
  }
  world.series.set(SERIES, history.set(lateMs, 1000));
  const expected = bucketize(world.samplesOf(SERIES), FIVE_MINUTES.resolutionMs);
  const buckets = (await world.read(FIVE_MINUTES)).take(METRIC, SERIES);
  for (const column of ["ends", "counts", "sums", "maxs", "mins", "firsts", "lasts"] as const) {
    expect([column, ...(buckets?.[column] ?? [])]).toEqual([column, ...expected[column]]);
  }
  const coarse = (await world.read(ONE_HOUR)).take(METRIC, SERIES);
  expect([...(coarse?.counts ?? [])]).toEqual([61, 60, 60, 60]);
  expect(coarse?.maxs[0]).toBe(1000);
});

test("bucket chunks - a read takes the columns of its function and the ranges that were asked for", async () => {
  const world = await worldOfCounter(48);
  const ranges = [
    { afterMs: world.startMs + HOUR_MS, untilMs: world.startMs + 2 * HOUR_MS },
    { afterMs: world.startMs + 23 * HOUR_MS, untilMs: world.startMs + 26 * HOUR_MS },
  ];
  const expected = bucketize(world.samplesOf(SERIES), FIVE_MINUTES.resolutionMs);
  const isWithin = (_: number, i: number): boolean =>
    ranges.some(({ afterMs, untilMs }) => expected.ends[i]! > afterMs && expected.ends[i]! <= untilMs);
  const buckets = (await read(FIVE_MINUTES, ranges, bucketColumnsFor("rate", true))).take(METRIC, SERIES);
  for (const column of [
    "ends",
    "counts",
    "firstTimes",
    "lastTimes",
    "firsts",
    "lasts",
    "increases",
    "resets",
  ] as const) {
    expect(buckets?.[column]).toEqual(expected[column].filter(isWithin));
  }
  for (const column of ["mins", "maxs", "sums"] as const) expect(buckets?.[column].every(Number.isNaN)).toBe(true);
  const counted = (await read(FIVE_MINUTES, ranges, bucketColumnsFor("count_over_time", true))).take(METRIC, SERIES);
  expect(counted?.counts).toEqual(expected.counts.filter(isWithin));
  expect(counted?.lasts.every(Number.isNaN)).toBe(true);
});

test("bucket chunks - a job says what its whole block holds", async () => {
  const world = await worldOfCounter(4);
  const windows = [...world.rawGenerations].map(([startMs, generation]) => ({ startMs, generation }));
  const result = await makeBlock(FIVE_MINUTES, world.startMs, windows.slice(0, 1));
  expect(result).toMatchObject({ samplesRead: 120, samplesWritten: 48 });
  expect(result.numbers).toMatchObject({ series: 1, samples: 48 });
  expect(result.numbers.bytes).toBeGreaterThan(50);
});

test("bucket chunks - of native histograms the first and last of a bucket stay, and both sides of a reset", async () => {
  const world = new World();
  const { startMs } = world;
  // One a minute for three hours, begun anew after 90 minutes, none in the first half of the second hour.
  await clickhouse.command(`INSERT INTO histograms (metric_id, series_id, ts, schema, hint, zero_threshold, zero_count,
      count, sum, positive_offset, positive, negative_offset, negative, bounds)
    SELECT 78, 5, ${startMs} + number * 60000, 1, 0, 0.5, 1, c + 1, c / 8, -2, [c, 0.], 3, [], []
    FROM (SELECT number, toFloat64(number % 90 + 1) AS c FROM numbers(1, 180) WHERE number <= 60 OR number > 92)`);
  const windows = [0, 1].map((i) => ({ startMs: startMs + i * WINDOW_MS, generation: 1 }));
  for (let attempt = 0; attempt < 2; attempt++) {
    for (const resolution of [FIVE_MINUTES, ONE_HOUR]) await makeBlock(resolution, startMs, windows);
  }
  const minutesAt = async ({ resolutionMs }: Resolution): Promise<number[]> => {
    const labels = Labels.fromObject({ __name__: "h" });
    const found = new Map([[78n, new Map([[5n, labels]])]]);
    const request = { condition: "metric_id = 78", parameters: {}, found, signal: undefined };
    const read = await readBucketHistograms(clickhouse, resolutionMs, request, () => undefined);
    return (read.get(labels) ?? []).map(({ timestampMs }) => (timestampMs - startMs) / 60_000);
  };
  expect(await minutesAt(ONE_HOUR)).toEqual([1, 60, 93, 120, 121, 179, 180]);
  const fine = await minutesAt(FIVE_MINUTES);
  expect(fine.slice(0, 6)).toEqual([1, 5, 6, 10, 11, 15]);
  expect(fine.slice(-4)).toEqual([175, 176, 179, 180]);
  const all = new Map<number, unknown>();
  const condition = "metric_id = 78";
  for await (const one of streamHistograms(clickhouse, { table: "histograms", condition }))
    all.set(one.timestampMs, one);
  let kept = 0;
  for await (const one of streamHistograms(clickhouse, { table: "bucket_histograms", condition })) {
    expect(one).toEqual(all.get(one.timestampMs));
    kept++;
  }
  expect(kept).toBeGreaterThan(60);

  const deletion = { id: "late", fromMs: startMs, untilMs: startMs + WINDOW_MS, generation: (generations += 2) };
  await clickhouse.command("INSERT INTO deletion_series (deletion, metric_id, series_id) VALUES ('late', 78, 5)");
  const masks = DeletionMasks.of([{ deletion, series: Uint32Array.of(78, 0, 5, 0) }]);
  await makeBlock(ONE_HOUR, startMs, windows.slice(1), { masks });
  expect(await minutesAt(ONE_HOUR)).toEqual([121, 179, 180]);
});
