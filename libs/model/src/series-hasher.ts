import createXxHash from "xxhash-wasm";
import { type Labels, METRIC_NAME } from "./labels.ts";

/** Ends every part of the hashed text: no byte of valid UTF-8. */
const TERMINATOR = 0xff;

/**
 * Gives a series its two 64-bit ids, the same in every process and for ever: `metricId` from tenant and metric name,
 * `seriesId` from tenant and all labels. Together they are 128 bits that tell series apart (XXH64, seed 0, over UTF-8
 * parts that each end in 0xff). Not for concurrent use from several threads; create one a thread.
 */
export interface SeriesHasher {
  metricId(tenant: string, metricName: string): bigint;
  seriesId(tenant: string, labels: Labels): bigint;
}

export async function createSeriesHasher(): Promise<SeriesHasher> {
  const xxhash = await createXxHash();
  let buffer = Buffer.alloc(4096);
  let length = 0;

  function append(part: string): void {
    // 3 bytes a UTF-16 unit is the most that UTF-8 takes.
    const needed = length + part.length * 3 + 1;
    if (needed > buffer.length) buffer = Buffer.concat([buffer], needed * 2);
    length += buffer.write(part, length);
    buffer[length++] = TERMINATOR;
  }

  return {
    metricId(tenant, metricName) {
      length = 0;
      append(tenant);
      append(metricName);
      return xxhash.h64Raw(buffer.subarray(0, length));
    },
    seriesId(tenant, labels) {
      length = 0;
      append(tenant);
      append(labels.get(METRIC_NAME));
      for (const [name, value] of labels) {
        append(name);
        append(value);
      }
      return xxhash.h64Raw(buffer.subarray(0, length));
    },
  };
}
