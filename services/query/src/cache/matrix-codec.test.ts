import { Labels } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeChunk, encodeChunk } from "./cached-chunk.ts";
import { decodeMatrix, encodeMatrix } from "./matrix-codec.ts";
import type { StepMatrix } from "./step-matrix.ts";

const labelsArbitrary = fc
  .dictionary(fc.string({ minLength: 1, unit: "grapheme" }), fc.string({ unit: "grapheme" }), { maxKeys: 4 })
  .map((object) => Labels.fromObject(object));

const matrixArbitrary = fc.integer({ min: 1, max: 30 }).chain((count) =>
  fc.record({
    firstStep: fc.integer({ min: -1e9, max: 1e9 }),
    count: fc.constant(count),
    series: fc.array(
      fc.record({
        labels: labelsArbitrary,
        values: fc.oneof(
          fc.float64Array({ minLength: count, maxLength: count }),
          fc.double().map((value) => new Float64Array(count).fill(value)),
        ),
        present: fc.option(
          fc.array(fc.constantFrom(0, 1), { minLength: count, maxLength: count }).map((bits) => Uint8Array.from(bits)),
          { nil: undefined },
        ),
      }),
      { maxLength: 5 },
    ),
  }),
);

function plain({ firstStep, count, series }: StepMatrix): unknown {
  return {
    firstStep,
    count,
    series: series.map(({ labels, values, present }) => ({
      labels: labels.toObject(),
      bits: [...new Uint32Array(values.slice().buffer)],
      present: present && [...present],
    })),
  };
}

test("matrix codec - what is encoded comes back bit by bit", () => {
  fc.assert(
    fc.property(matrixArbitrary, (matrix) => {
      expect(plain(decodeMatrix(encodeMatrix(matrix)))).toEqual(plain(matrix));
    }),
  );
});

test("matrix codec - a NaN among equal NaNs of other bits is kept", () => {
  const bits = new BigUint64Array([0x7ff8000000000000n, 0x7ff0000000000002n]);
  const matrix = {
    firstStep: 0,
    count: 2,
    series: [{ labels: Labels.EMPTY, values: new Float64Array(bits.buffer), present: undefined }],
  };
  expect(plain(decodeMatrix(encodeMatrix(matrix)))).toEqual(plain(matrix));
});

test("cached chunk - any bytes are a chunk or nothing", () => {
  const chunk = encodeChunk({
    epoch: "e",
    revision: 7,
    storedMs: 5,
    text: "up",
    resolutionMs: 0,
    warnings: ["w"],
    infos: [],
    matrix: {
      firstStep: 3,
      count: 2,
      series: [{ labels: Labels.fromObject({ a: "b" }), values: Float64Array.of(1, 2), present: undefined }],
    },
  });
  expect(decodeChunk(chunk, new Map())).toMatchObject({
    epoch: "e",
    revision: 7,
    warnings: ["w"],
    matrix: { firstStep: 3 },
  });
  fc.assert(
    fc.property(fc.nat(chunk.length - 1), fc.nat(255), (at, byte) => {
      const broken = Buffer.from(chunk);
      broken[at] = byte;
      decodeChunk(broken, new Map());
      expect(decodeChunk(chunk.subarray(0, at), new Map())).toBeUndefined();
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeChunk(Buffer.from(bytes), new Map())));
});
