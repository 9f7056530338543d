import { ByteWriter, packTimes, packValues } from "@monotreme/blocks";
import { NativeBlock, type NativeColumnData } from "@monotreme/clickhouse";
import type { SampleColumns } from "../better-sample.ts";

/** A chunk as tests write it down. */
export interface TestChunk extends SampleColumns {
  readonly seriesId: bigint;
  readonly startMs: number;
  readonly generation: number;
}

/** A block of chunks of one metric, as ClickHouse answers it. */
export function chunkBlock(chunks: readonly TestChunk[]): NativeBlock {
  const writer = new ByteWriter();
  const times = chunks.map(({ timestamps, startMs }) => {
    packTimes(timestamps, 0, timestamps.length, startMs, writer);
    return writer.take();
  });
  const data = chunks.map(({ values }) => {
    packValues(values, 0, values.length, writer);
    return writer.take();
  });
  let end = 0;
  const ends = Uint32Array.from(data, ({ length }) => (end += length));
  const columns = new Map<string, NativeColumnData>();
  const fixed = (name: string, values: ArrayBufferView, valueBytes: number): void => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    columns.set(name, { kind: "fixed", valueBytes, bytes });
  };
  fixed(
    "series_id",
    BigUint64Array.from(chunks, ({ seriesId }) => seriesId),
    8,
  );
  fixed(
    "start_ms",
    Float64Array.from(chunks, ({ startMs }) => startMs),
    8,
  );
  fixed(
    "generation_number",
    Float64Array.from(chunks, ({ generation }) => generation),
    8,
  );
  fixed(
    "samples",
    Uint32Array.from(chunks, ({ timestamps }) => timestamps.length),
    4,
  );
  columns.set("times", { kind: "dictionary", keys: times, indexes: Uint8Array.from(chunks, (_, i) => i) });
  columns.set("data", { kind: "byteLists", ends, bytes: new Uint8Array(Buffer.concat(data)) });
  return new NativeBlock(chunks.length, columns);
}
