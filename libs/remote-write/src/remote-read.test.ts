import { Labels, STALE_NAN_HIGH, STALE_NAN_LOW, wordsOf, writeStaleAt } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { crc32c, encodeReadFrame } from "./remote-read-frame.ts";
import { decodeReadRequest } from "./remote-read-request.ts";
import { encodeChunkedSeries, encodeReadResponse } from "./remote-read-response.ts";
import { RemoteWriteError } from "./remote-write-error.ts";
import { encodeXorChunk, MAX_CHUNK_SAMPLES } from "./xor-chunk.ts";

function requestBytes(matcher: { type: number; name: string; value: string }, types: readonly number[]): Uint8Array {
  const writer = new ProtobufWriter();
  writer.message(1, () => {
    writer.int64(1, -5);
    writer.int64(2, 1_700_000_000_000);
    writer.message(3, () => {
      writer.int64(1, matcher.type);
      writer.text(2, matcher.name);
      writer.text(3, matcher.value);
    });
    writer.message(4, () => writer.int64(1, 15_000));
  });
  for (const type of types) writer.int64(2, type);
  return writer.toBytes();
}

describe("remote read request", () => {
  test("remote read request - queries, matchers and accepted types, hints passed over", () => {
    const request = decodeReadRequest(requestBytes({ type: 2, name: "job", value: "a|b" }, [1, 7]));
    expect(request.acceptedTypes).toEqual(["streamed-xor-chunks"]);
    expect(request.queries).toMatchObject([{ startMs: -5, endMs: 1_700_000_000_000 }]);
    expect(request.queries[0]?.matchers.map(String)).toEqual(['job=~"a|b"']);
  });

  test("remote read request - takes types in packed form", () => {
    expect(decodeReadRequest(Uint8Array.of(0x12, 2, 1, 0)).acceptedTypes).toEqual(["streamed-xor-chunks", "samples"]);
  });

  const refused = (name: string, matcher: { type: number; name: string; value: string }): void =>
    test(`remote read request - refuses ${name}`, () =>
      expect(() => decodeReadRequest(requestBytes(matcher, []))).toThrow(RemoteWriteError));
  refused("an unknown matcher type", { type: 4, name: "a", value: "b" });
  refused("a matcher without a name", { type: 0, name: "", value: "b" });
  refused("a broken pattern", { type: 2, name: "a", value: "(" });

  test("remote read request - any bytes are read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeReadRequest(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteWriteError);
        }
      }),
    );
  });
});

describe("remote read frame", () => {
  test("remote read frame - CRC-32C as in RFC 3720, appendix B.4", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  });

  test("remote read frame - length, checksum, message", () => {
    const message = new Uint8Array(300).fill(7);
    const frame = Buffer.from(encodeReadFrame(message));
    expect([...frame.subarray(0, 2)]).toEqual([0xac, 0x02]);
    expect(frame.readUInt32BE(2)).toBe(crc32c(message));
    expect(frame.subarray(6).equals(message)).toBe(true);
  });
});

/** Reads chunks by the format's description; the encoder has no part in it. */
function decodeXorChunk(bytes: Uint8Array): { timestamps: number[]; words: number[] } {
  let at = 0;
  const bit = (): number => ((bytes[at >>> 3] ?? 0) >>> (7 - (at++ & 7))) & 1;
  const read = (count: number): bigint => {
    let value = 0n;
    for (let i = 0; i < count; i++) value = (value << 1n) | BigInt(bit());
    return value;
  };
  const uvarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = read(8);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  const count = Number(read(16));
  const timestamps: bigint[] = [];
  const words: number[] = [];
  let value = 0n;
  let leading = 0;
  let size = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      const zigzag = uvarint();
      timestamps.push(zigzag & 1n ? -(zigzag >> 1n) - 1n : zigzag >> 1n);
      value = read(64);
    } else {
      const last = timestamps[i - 1] ?? 0n;
      if (i === 1) timestamps.push(last + uvarint());
      else {
        let kind = 0;
        while (kind < 4 && bit() === 1) kind++;
        const width = [0, 14, 17, 20, 64][kind] ?? 0;
        const raw = read(width);
        const limit = kind === 4 ? (1n << 63n) - 1n : 1n << BigInt(Math.max(width - 1, 0));
        const difference = kind > 0 && raw > limit ? raw - (1n << BigInt(width)) : raw;
        timestamps.push(last + (last - (timestamps[i - 2] ?? 0n)) + difference);
      }
      if (bit() === 1) {
        if (bit() === 1) {
          leading = Number(read(5));
          size = Number(read(6)) || 64;
        }
        value ^= read(size) << BigInt(64 - leading - size);
      }
    }
    words.push(Number(value & 0xffff_ffffn), Number(value >> 32n));
  }
  return { timestamps: timestamps.map(Number), words };
}

describe("XOR chunk", () => {
  test("XOR chunk - any samples come back, bit by bit", () => {
    const gap = fc.oneof(
      fc.constant(15_000),
      fc.integer({ min: 14_990, max: 15_010 }),
      fc.integer({ min: 1, max: 2 ** 40 }),
    );
    const point = fc.tuple(gap, fc.oneof(fc.integer(), fc.double(), fc.constant(1)));
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
        fc.array(point, { minLength: 1, maxLength: MAX_CHUNK_SAMPLES }),
        (start, points) => {
          let timestamp = start;
          const timestamps = Float64Array.from(points, ([delta]) => (timestamp += delta));
          const values = Float64Array.from(points, ([, value]) => value);
          writeStaleAt(wordsOf(values), points.length - 1);
          const decoded = decodeXorChunk(encodeXorChunk(timestamps, values, 0, points.length));
          expect(decoded.timestamps).toEqual([...timestamps]);
          expect(decoded.words).toEqual([...wordsOf(values)]);
          expect(decoded.words.slice(-2)).toEqual([STALE_NAN_LOW, STALE_NAN_HIGH]);
        },
      ),
    );
  });
});

describe("remote read response", () => {
  const labels = Labels.fromObject({ __name__: "up", job: "x" });

  test("remote read response - samples with their labels", () => {
    const response = encodeReadResponse([[{ labels, timestamps: Float64Array.of(5), values: Float64Array.of(1) }], []]);
    const sample = [0x12, 11, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 5];
    const text = (field: number, value: string): number[] => [field, value.length, ...Buffer.from(value)];
    const label = (name: string, value: string): number[] => {
      const fields = [...text(0x0a, name), ...text(0x12, value)];
      return [0x0a, fields.length, ...fields];
    };
    const series = [...label("__name__", "up"), ...label("job", "x"), ...sample];
    expect([...response]).toEqual([0x0a, series.length + 2, 0x0a, series.length, ...series, 0x0a, 0]);
  });

  test("remote read response - native histograms with float counts, those that are 0 too", () => {
    const histogram = {
      schema: -4,
      counterResetHint: "gauge",
      zeroThreshold: 0.5,
      zeroCount: 0,
      count: 3,
      sum: -1,
      positiveOffset: -2,
      positiveBuckets: [1, 2],
      negativeOffset: 0,
      negativeBuckets: [],
      customBounds: [],
    } as const;
    const series = {
      labels: Labels.EMPTY,
      timestamps: Float64Array.of(9),
      values: Float64Array.of(0),
      histograms: [histogram],
    };
    const double = (value: number): number[] => [...new Uint8Array(Float64Array.of(value).buffer)];
    const fields = [
      [0x11, ...double(3), 0x19, ...double(-1), 0x20, 7, 0x29, ...double(0.5), 0x39, ...double(0)],
      [0x5a, 4, 0x08, 3, 0x10, 2, 0x6a, 16, ...double(1), ...double(2), 0x70, 3, 0x78, 9],
    ].flat();
    const inner = [0x22, fields.length, ...fields];
    expect([...encodeReadResponse([[series]])]).toEqual([0x0a, inner.length + 2, 0x0a, inner.length, ...inner]);
  });

  test("remote read response - splits a series over messages of the size allowed", () => {
    const timestamps = Float64Array.from({ length: 10_000 }, (_, i) => i * 1000);
    const values = Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
    const messages = [...encodeChunkedSeries({ labels, timestamps, values }, 3, 16_384)];
    expect(messages.length).toBeGreaterThan(3);
    expect(Math.max(...messages.map((message) => message.length))).toBeLessThanOrEqual(16_384);
    const read = messages.flatMap((message) => samplesOf(message));
    expect(read).toEqual([...timestamps]);
  });

  test("remote read response - a frame that is too small still carries a chunk", () => {
    const series = { labels, timestamps: Float64Array.of(1, 2), values: Float64Array.of(1, 2) };
    expect([...encodeChunkedSeries(series, 0, 1)].flatMap(samplesOf)).toEqual([1, 2]);
  });
});

/** Timestamps of the chunks of one message. */
function samplesOf(message: Uint8Array): number[] {
  const reader = new ProtobufReader(message);
  expect(reader.tag()).toBe(0x0a);
  const end = reader.lengthDelimitedEnd();
  const found: number[] = [];
  while (reader.at < end) {
    const isChunk = reader.tag() === 0x12;
    const fieldEnd = reader.lengthDelimitedEnd();
    while (isChunk && reader.at < fieldEnd) {
      const tag = reader.tag();
      if (tag !== 0x22) reader.skip(tag);
      else {
        const dataEnd = reader.lengthDelimitedEnd();
        found.push(...decodeXorChunk(message.subarray(reader.at, dataEnd)).timestamps);
        reader.at = dataEnd;
      }
    }
    reader.at = fieldEnd;
  }
  return found;
}
