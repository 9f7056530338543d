import { WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";

/** A part of `samples`: rows of one window that were inserted or merged together. */
export interface SamplePart {
  readonly name: string;
  /** Of its window, epoch ms. */
  readonly startMs: number;
  readonly rows: number;
  /** On disk. */
  readonly bytes: number;
  /** When the part was written: inserted, merged or changed; by the server's clock. */
  readonly modifiedMs: number;
}

/** The parts of `samples` at one moment. */
export interface SampleParts {
  readonly parts: readonly SamplePart[];
  /** The server's clock at that moment. */
  readonly serverNowMs: number;
}

/** The condition on `system.parts` for rows of `samples`; lightweight changes of a part leave no rows in the old one. */
export const SAMPLE_PARTS = "database = currentDatabase() AND table = 'samples' AND active AND rows > 0";

/** Reads the active parts of `samples`, or those of one window. */
export async function readSampleParts(
  clickhouse: ClickHouse,
  { windowMs, signal }: { readonly windowMs?: number; readonly signal?: AbortSignal } = {},
): Promise<SampleParts> {
  const ofWindow = windowMs === undefined ? "" : " AND partition = {partition:String}";
  const query = `SELECT name, toFloat64(toInt64OrZero(partition)) AS window, toFloat64(rows) AS row_count,
    toFloat64(bytes_on_disk) AS byte_count, toFloat64(toUnixTimestamp(modification_time)) * 1000 AS modified_ms
    FROM system.parts WHERE ${SAMPLE_PARTS}${ofWindow} ORDER BY window, name
    UNION ALL SELECT '' AS name, 0, 0, 0, toFloat64(toUnixTimestamp64Milli(now64(3)))`;
  const parameters = windowMs === undefined ? {} : { partition: String(windowMs / WINDOW_MS) };
  const parts: SamplePart[] = [];
  let serverNowMs = Date.now();
  for await (const block of clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
    const [windows, rows] = [block.float64("window"), block.float64("row_count")];
    const [bytes, modified] = [block.float64("byte_count"), block.float64("modified_ms")];
    for (const [row, name] of block.strings("name").entries()) {
      if (name === "") serverNowMs = modified[row] ?? serverNowMs;
      else {
        parts.push({
          name,
          startMs: (windows[row] ?? 0) * WINDOW_MS,
          rows: rows[row] ?? 0,
          bytes: bytes[row] ?? 0,
          modifiedMs: modified[row] ?? 0,
        });
      }
    }
  }
  return { parts, serverNowMs };
}

/**
 * The parts of a window that hold rows which are not in a block made of `inputs` (names of all parts that there were
 * when it was made). A part that was merged or changed since, of nothing but those, holds no others: parts are numbered
 * by the order in which they are committed, and a merge is named after the first and the last of what it merged.
 */
export function unfoldedParts<P extends { readonly name: string }>(
  parts: readonly P[],
  inputs: readonly string[],
): readonly P[] {
  if (inputs.length === 0) return parts;
  const firsts = new Set<number>();
  const lasts = new Set<number>();
  for (const input of inputs) {
    const numbers = blockNumbersOf(input);
    if (numbers === undefined) continue;
    firsts.add(numbers.first);
    lasts.add(numbers.last);
  }
  return parts.filter(({ name }) => {
    const numbers = blockNumbersOf(name);
    return numbers === undefined || !firsts.has(numbers.first) || !lasts.has(numbers.last);
  });
}

/** `<partition>_<first>_<last>_<level>`, and `_<version>` after a change of the part. */
function blockNumbersOf(name: string): { readonly first: number; readonly last: number } | undefined {
  const match = /^.+?_(\d+)_(\d+)_\d+(?:_\d+)?$/.exec(name);
  return match === null ? undefined : { first: Number(match[1]), last: Number(match[2]) };
}
