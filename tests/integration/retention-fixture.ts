import { packTimes, packValues, ByteWriter } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";

interface Chunks {
  readonly startMs: number;
  readonly generation: number;
  readonly classes: readonly string[];
}

/** A chunk of one series in each of the classes, series numbered from 1 on. */
export async function insertChunks(
  clickhouse: ClickHouse,
  { startMs, generation, classes, timestamps }: Chunks & { readonly timestamps: readonly number[] },
): Promise<void> {
  const writer = new ByteWriter();
  packTimes(Float64Array.from(timestamps), 0, timestamps.length, startMs, writer);
  const times = hex(writer.take());
  packValues(new Float64Array(timestamps.length), 0, timestamps.length, writer);
  const data = [...writer.take()].join(",");
  for (const [i, className] of classes.entries()) {
    await clickhouse.command(
      `INSERT INTO raw_chunks (class, metric_id, series_id, start, generation, samples, times, data)
       SELECT {className:String}, 1, ${i + 1}, ${startMs}, ${generation}, ${timestamps.length},
         unhex('${times}'), [${data}]`,
      { parameters: { className } },
    );
  }
}

/** A chunk without anything to read in it: only that it is there matters. */
export async function insertBuckets(
  clickhouse: ClickHouse,
  { resolutionMs, startMs, generation, classes }: Chunks & { readonly resolutionMs: number },
): Promise<void> {
  for (const [i, className] of classes.entries()) {
    await clickhouse.command(
      `INSERT INTO bucket_chunks (class, resolution, metric_id, series_id, start, generation, buckets)
       SELECT {className:String}, ${resolutionMs}, 1, ${i + 1}, ${startMs}, ${generation}, 0`,
      { parameters: { className } },
    );
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
