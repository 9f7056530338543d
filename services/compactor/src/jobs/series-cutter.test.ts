import { NativeBlock } from "@monotreme/clickhouse";
import { STALE_NAN_HIGH, STALE_NAN_LOW, wordsOf, writeStaleAt } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CutSeries, SeriesCutter } from "./series-cutter.ts";

interface Row {
  readonly metric: bigint;
  readonly series: bigint;
  readonly timestamp: number;
  readonly value: number;
}

function blockOf(rows: readonly Row[], staleAt?: number): NativeBlock {
  const fixed = (bytes: ArrayBufferView<ArrayBuffer>) =>
    ({ kind: "fixed", valueBytes: 8, bytes: new Uint8Array(bytes.buffer) }) as const;
  const values = Float64Array.from(rows, ({ value }) => value);
  if (staleAt !== undefined) writeStaleAt(wordsOf(values), staleAt);
  return new NativeBlock(
    rows.length,
    new Map([
      ["metric_id", fixed(BigUint64Array.from(rows, ({ metric }) => metric))],
      ["series_id", fixed(BigUint64Array.from(rows, ({ series }) => series))],
      ["timestamp", fixed(Float64Array.from(rows, ({ timestamp }) => timestamp))],
      ["value", fixed(values)],
    ]),
  );
}

function cut(blocks: readonly NativeBlock[]): readonly CutSeries[] {
  const cutter = new SeriesCutter();
  return [...blocks.flatMap((block) => [...cutter.add(block)]), ...cutter.finish()];
}

test("series cutter - series come whole, wherever the blocks end", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.bigInt({ min: 1n, max: 3n }),
          fc.bigInt({ min: 2n ** 33n, max: 2n ** 33n + 3n }),
          fc.integer({ min: 1, max: 50 }),
        ),
      ),
      fc.integer({ min: 1, max: 7 }),
      (tuples, blockRows) => {
        const rows = tuples
          .map(([metric, series, timestamp]) => ({ metric, series, timestamp, value: timestamp * 2 }))
          .sort((a, b) => Number(a.metric - b.metric) || Number(a.series - b.series) || a.timestamp - b.timestamp);
        const blocks: NativeBlock[] = [];
        for (let at = 0; at < rows.length; at += blockRows) blocks.push(blockOf(rows.slice(at, at + blockRows)));
        const expected = new Map<string, Set<number>>();
        for (const { metric, series, timestamp } of rows) {
          const key = `${metric}/${series}`;
          expected.set(key, (expected.get(key) ?? new Set()).add(timestamp));
        }
        const found = cut(blocks).map((one) => {
          const series = (BigInt(one.seriesIdHigh) << 32n) | BigInt(one.seriesIdLow);
          expect([...one.samples.values]).toEqual([...one.samples.timestamps].map((timestamp) => timestamp * 2));
          return [`${one.metricIdLow}/${series}`, [...one.samples.timestamps]];
        });
        expect(found).toEqual(Array.from(expected, ([key, times]) => [key, [...times]]));
      },
    ),
  );
});

test("series cutter - of equal timestamps the better sample stays, and markers keep their bits", () => {
  const row = (timestamp: number, value: number): Row => ({ metric: 1n, series: 2n, timestamp, value });
  const [series] = cut([blockOf([row(1, 5), row(2, 1)]), blockOf([row(2, 7), row(3, 0)], 1)]);
  if (series === undefined) throw new Error("no series was cut");
  expect([...series.samples.timestamps]).toEqual([1, 2, 3]);
  expect([...series.samples.values.subarray(0, 2)]).toEqual([5, 7]);
  expect([...wordsOf(series.samples.values)].slice(4)).toEqual([STALE_NAN_LOW, STALE_NAN_HIGH]);
});
