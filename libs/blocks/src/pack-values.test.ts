import { wordsOf, writeStaleAt } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { packTimes, unpackTimes } from "./pack-times.ts";
import { packValues, unpackValues } from "./pack-values.ts";

function pack(values: Float64Array): Uint8Array {
  const writer = new ByteWriter();
  packValues(values, 0, values.length, writer);
  return writer.take();
}

function unpack(bytes: Uint8Array, count: number): Float64Array {
  const out = new Float64Array(count + 2).fill(7);
  unpackValues(bytes, new ByteReader(bytes), count, out, 1);
  expect([out[0], out[count + 1]]).toEqual([7, 7]);
  return out.slice(1, count + 1);
}

function expectSameBits(values: Float64Array): void {
  expect([...wordsOf(unpack(pack(values), values.length))]).toEqual([...wordsOf(values)]);
}

const STEP = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
);

test("packed values - any doubles come back with their bits", () => {
  fc.assert(fc.property(fc.array(fc.double()), (values) => expectSameBits(Float64Array.from(values))));
});

test("packed values - counters and gauges of any exponent come back with their bits", () => {
  const decimals = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.array(STEP, { maxLength: 200 }));
  fc.assert(
    fc.property(decimals, ([exponent, steps]) => {
      let mantissa = 0;
      expectSameBits(Float64Array.from(steps, (step) => (mantissa += step) / 10 ** exponent));
    }),
  );
});

test("packed values - decimals that somebody computed come back with their bits, and take few bytes", () => {
  const factors = fc.constantFrom(0.001, 1e-6, 1e-9, 0.1, 1 / 3, 1.1);
  fc.assert(
    fc.property(factors, fc.array(STEP, { maxLength: 100 }), (factor, steps) => {
      let count = 0;
      const values = Float64Array.from(steps, (step) => (count += step) * factor);
      if (values.length > 3) writeStaleAt(wordsOf(values), 1);
      expectSameBits(values);
    }),
  );
  const milliseconds = Float64Array.from({ length: 480 }, (_, i) => (1_234_567 + i * 113 + ((i * i) % 90)) * 0.001);
  expect(pack(milliseconds).length).toBeLessThan(480 * 3.1);
});

test("packed values - markers, NaNs, infinities and -0 among decimals come back with their bits", () => {
  const special = fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 1e300, 5e-324, 2 ** 53, 2 ** 60, 0.1 + 0.2);
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 20, arbitrary: STEP }, { weight: 1, arbitrary: special }), { maxLength: 100 }),
      (list) => {
        const values = Float64Array.from(list);
        if (values.length > 3) writeStaleAt(wordsOf(values), values.length - 2);
        expectSameBits(values);
      },
    ),
  );
});

test.each([
  { what: "a constant", values: Array.from({ length: 480 }, () => 42.5), most: 12 },
  { what: "a steady counter", values: Array.from({ length: 480 }, (_, i) => i * 15), most: 14 },
  {
    what: "a counter of up to 255 a step",
    values: Array.from({ length: 480 }, (_, i) => i * 100 + (i % 7)),
    most: 500,
  },
  { what: "pages of 4096", values: Array.from({ length: 480 }, (_, i) => ((i * 37) % 200) * 4096), most: 500 },
])("packed values - $what takes few bytes", ({ values, most }) => {
  expect(pack(Float64Array.from(values)).length).toBeLessThanOrEqual(most);
});

test("packed values - damaged bytes are told, and never read past their end", () => {
  const bytes = pack(Float64Array.from({ length: 100 }, (_, i) => (i * i) / 10));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
      const damaged = bytes.slice(0, length);
      if (at < length) damaged[at] = value;
      try {
        unpack(damaged, 100);
      } catch (error) {
        expect(error).toMatchObject({ code: "BLOCK_CHUNK_UNREADABLE" });
      }
    }),
  );
});

test("packed times - come back, and are the same bytes for the same scrapes of another series", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60_000), { maxLength: 300 }), fc.integer(), (gaps, startMs) => {
      let at = startMs;
      const times = Float64Array.from(gaps, (gap) => (at += gap + 1));
      const writer = new ByteWriter();
      packTimes(times, 0, times.length, startMs, writer);
      const first = writer.take();
      packTimes(times.slice(), 0, times.length, startMs, writer);
      expect(writer.take()).toEqual(first);
      expect([...unpackTimes(first, startMs)]).toEqual([...times]);
    }),
  );
});

test("packed times - jitter of a few milliseconds costs two bytes a sample at most", () => {
  const times = Float64Array.from({ length: 480 }, (_, i) => i * 15_000 + 3 + ((i * 7919) % 100));
  const writer = new ByteWriter();
  packTimes(times, 0, times.length, 0, writer);
  expect(writer.take().length).toBeLessThan(480 * 2 + 20);
});

test("packed times - a number of samples that no window can hold is told", () => {
  const writer = new ByteWriter();
  writer.varint(2 ** 40);
  expect(() => unpackTimes(writer.take(), 0)).toThrow("too many samples");
});
