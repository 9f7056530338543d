import { writeStaleAt, wordsOf } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { collapseDuplicates, type SampleColumns } from "../better-sample.ts";
import { ChunkAssembler } from "./chunk-assembler.ts";
import { DeletionMasks } from "./deletion-masks.ts";
import { chunkBlock, type TestChunk } from "./chunk-fixture.ts";
import { mergeSamples } from "./merge-samples.ts";

const WINDOW = 7_200_000;

function columns(samples: readonly (readonly [timestamp: number, value: number])[]): SampleColumns {
  return {
    timestamps: Float64Array.from(samples, ([timestamp]) => timestamp),
    values: Float64Array.from(samples, ([, value]) => value),
  };
}

function chunk(seriesId: bigint, startMs: number, generation: number, samples: [number, number][]): TestChunk {
  return { seriesId, startMs, generation, ...columns(samples) };
}

function assemble(chunks: readonly TestChunk[], afterMs = -Infinity, untilMs = Infinity): ChunkAssembler {
  const assembler = new ChunkAssembler({ afterMs, untilMs });
  for (const one of chunks) assembler.add(chunkBlock([one]), true, () => undefined);
  return assembler;
}

test("chunk assembler - windows come in any order and are put in order of time", () => {
  const assembler = assemble([chunk(1n, WINDOW, 1, [[WINDOW + 5, 2]]), chunk(1n, 0, 1, [[5, 1]])]);
  expect(assembler.take(0n, 1n)).toEqual(
    columns([
      [5, 1],
      [WINDOW + 5, 2],
    ]),
  );
});

test("chunk assembler - of two generations of a window the higher one counts, whichever comes first", () => {
  const older = chunk(1n, 0, 3, [
    [5, 1],
    [6, 1],
  ]);
  const newer = chunk(1n, 0, 4, [[5, 2]]);
  expect(assemble([older, newer]).take(0n, 1n)).toEqual(columns([[5, 2]]));
  expect(assemble([newer, older]).take(0n, 1n)).toEqual(columns([[5, 2]]));
});

test("chunk assembler - a chunk without samples says that nothing is left", () => {
  const assembler = assemble([chunk(1n, 0, 1, [[5, 1]]), chunk(1n, 0, 2, [])]);
  expect(assembler.take(0n, 1n)?.timestamps).toHaveLength(0);
});

test("chunk assembler - series of one scrape share their timestamps, cut and continued by rows, too", () => {
  const samples: [number, number][] = [
    [5, 1],
    [6, 2],
    [7, 3],
  ];
  const assembler = assemble([chunk(1n, 0, 1, samples), chunk(2n, 0, 1, samples)], 5);
  const first = assembler.take(0n, 1n, columns([[9, 1]]));
  const second = assembler.take(0n, 2n, columns([[9, 7]]));
  expect(first).toEqual(
    columns([
      [6, 2],
      [7, 3],
      [9, 1],
    ]),
  );
  expect(second?.timestamps).toBe(first?.timestamps);
});

test("chunk assembler - reports the samples of a block before it unpacks them", () => {
  const assembler = new ChunkAssembler({ afterMs: 0, untilMs: 10 });
  const tooMany = (): never => {
    throw new Error("too many");
  };
  expect(() => assembler.add(chunkBlock([chunk(1n, 0, 1, [[5, 1]])]), true, tooMany)).toThrow("too many");
});

test("chunk assembler - chunks and rows in any division give the samples that all of them have together", () => {
  const sample = fc.tuple(
    fc.integer({ min: 1, max: 40 }).map((n) => n * 600_000),
    fc.double(),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(sample, fc.boolean(), fc.boolean()), { maxLength: 60 }), (samples) => {
      const sorted = (chosen: typeof samples): SampleColumns =>
        collapseDuplicates(columns(chosen.map(([one]) => one).toSorted(([a], [b]) => a - b)));
      const inChunks = sorted(samples.filter(([, isInChunk]) => isInChunk));
      const inRows = sorted(samples.filter(([, isInChunk, isInBoth]) => !isInChunk || isInBoth));
      const chunks = windowsOf(inChunks).map((ofWindow) => ({ seriesId: 1n, generation: 1, ...ofWindow }));
      const rows = inRows.timestamps.length === 0 ? undefined : inRows;
      const expected = collapseDuplicates(mergeSamples(inChunks, inRows));
      const found = assemble(chunks).take(0n, 1n, rows) ?? columns([]);
      expect([...found.timestamps]).toEqual([...expected.timestamps]);
      expect([...wordsOf(found.values)]).toEqual([...wordsOf(expected.values)]);
    }),
  );
});

test("chunk assembler - what was deleted stays hidden in chunks that are older than the deletion", () => {
  const deletion = { id: "d", fromMs: 5, untilMs: 6, generation: 10 };
  const masks = DeletionMasks.of([{ deletion, series: Uint32Array.of(3, 0, 1, 0) }]);
  const samples: [number, number][] = [
    [4, 1],
    [5, 2],
    [6, 3],
    [7, 4],
  ];
  const takeOf = (generation: number, seriesId: bigint): SampleColumns | undefined => {
    const assembler = new ChunkAssembler({ afterMs: 4, untilMs: 100, masks, metricId: 3n });
    assembler.add(chunkBlock([chunk(seriesId, 0, generation, samples)]), true, () => undefined);
    return assembler.take(0n, seriesId, columns([[9, 5]]));
  };
  const end: [number, number] = [9, 5];
  expect(takeOf(9, 1n)).toEqual(columns([[7, 4], end]));
  expect(takeOf(11, 1n)).toEqual(columns([...samples.slice(1), end]));
  expect(takeOf(9, 2n)).toEqual(columns([...samples.slice(1), end]));
});

test("merge samples - staleness markers keep their bits", () => {
  const marker = columns([[1, 0]]);
  writeStaleAt(wordsOf(marker.values), 0);
  const merged = mergeSamples(marker, columns([[2, 5]]));
  expect([...wordsOf(merged.values).subarray(0, 2)]).toEqual([...wordsOf(marker.values)]);
});

function windowsOf({ timestamps, values }: SampleColumns): (SampleColumns & { startMs: number })[] {
  const starts = [...new Set([...timestamps].map((timestamp) => Math.floor((timestamp - 1) / WINDOW) * WINDOW))];
  return starts.map((startMs) => {
    const from = timestamps.findIndex((timestamp) => timestamp > startMs);
    const after = timestamps.findIndex((timestamp) => timestamp > startMs + WINDOW);
    const end = after < 0 ? timestamps.length : after;
    return { startMs, timestamps: timestamps.slice(from, end), values: values.slice(from, end) };
  });
}
