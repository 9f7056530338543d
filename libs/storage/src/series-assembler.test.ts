import fc from "fast-check";
import { expect, test } from "vitest";
import { idFromWords, SeriesAssembler, type SampleRows } from "./series-assembler.ts";

interface Row {
  readonly metricId: bigint;
  readonly seriesId: bigint;
  readonly timestamp: number;
}

function rowsOf(rows: readonly Row[], withMetric = true): SampleRows {
  return {
    rowCount: rows.length,
    metricIds: withMetric ? new Uint32Array(BigUint64Array.from(rows, (row) => row.metricId).buffer) : undefined,
    seriesIds: new Uint32Array(BigUint64Array.from(rows, (row) => row.seriesId).buffer),
    timestamps: Float64Array.from(rows, (row) => row.timestamp),
    values: Float64Array.from(rows, (row) => row.timestamp * 2),
  };
}

test("series assembler - cuts rows into series, however the blocks cut them", () => {
  const ids = fc.constantFrom(1n, 2n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 64n - 1n);
  const table = fc.uniqueArray(fc.record({ metricId: ids, seriesId: ids, count: fc.integer({ min: 1, max: 9 }) }), {
    selector: ({ metricId, seriesId }) => `${metricId}/${seriesId}`,
    maxLength: 8,
  });
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 10 }), (series, blockRows) => {
      const rows = series.flatMap(({ metricId, seriesId, count }) =>
        Array.from({ length: count }, (_, i) => ({ metricId, seriesId, timestamp: i + 1 })),
      );
      const assembler = new SeriesAssembler();
      for (let at = 0; at < rows.length; at += blockRows) assembler.add(rowsOf(rows.slice(at, at + blockRows)));
      const found = assembler.finish();
      expect(found.map(({ metricId, seriesId }) => ({ metricId, seriesId }))).toEqual(
        series.map(({ metricId, seriesId }) => ({ metricId, seriesId })),
      );
      for (const [i, { count }] of series.entries()) {
        const timestamps = Array.from({ length: count }, (_, at) => at + 1);
        expect([...(found[i]?.samples.timestamps ?? [])]).toEqual(timestamps);
        expect([...(found[i]?.samples.values ?? [])]).toEqual(timestamps.map((timestamp) => timestamp * 2));
      }
    }),
  );
});

test("series assembler - a series within one block is a view, not a copy", () => {
  const rows = rowsOf(
    [1, 2].map((timestamp) => ({ metricId: 0n, seriesId: 7n, timestamp })),
    false,
  );
  const assembler = new SeriesAssembler();
  assembler.add(rows);
  expect(assembler.finish()[0]?.samples.values.buffer).toBe(rows.values.buffer);
});

test("series assembler - repeats that stand in two blocks are collapsed", () => {
  const assembler = new SeriesAssembler();
  for (let i = 0; i < 2; i++) assembler.add(rowsOf([{ metricId: 1n, seriesId: 7n, timestamp: 5 }]));
  expect(assembler.finish().map((series) => [...series.samples.timestamps])).toEqual([[5]]);
});

test("series assembler - ids are made of two words", () => {
  expect(idFromWords(0xffffffff, 0xffffffff)).toBe(2n ** 64n - 1n);
  expect(idFromWords(1, 2)).toBe(2n ** 33n + 1n);
});
