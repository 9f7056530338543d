import { WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import type { DeletedSince } from "./renew-buckets.ts";

/** Every deletion that ever reached into a block, complete ones too: their receipts stay. */
export async function readDeletions(
  clickhouse: ClickHouse,
  { startMs, spanMs }: { readonly startMs: number; readonly spanMs: number },
  signal: AbortSignal,
): Promise<DeletedSince> {
  const query = `SELECT toFloat64(from_ms) AS first_ms, toFloat64(until_ms) AS last_ms,
      toFloat64(generation) AS deletion_generation
    FROM deletions FINAL WHERE until_ms > {after:Int64} AND from_ms <= {until:Int64}`;
  const parameters = { after: String(startMs), until: String(startMs + spanMs) };
  const deletions: { readonly firstMs: number; readonly lastMs: number; readonly generation: number }[] = [];
  for await (const block of clickhouse.selectNative(query, { parameters, signal })) {
    const [firsts, lasts] = [block.float64("first_ms"), block.float64("last_ms")];
    for (const [row, generation] of block.float64("deletion_generation").entries()) {
      deletions.push({ firstMs: firsts[row]!, lastMs: lasts[row]!, generation });
    }
  }
  return (windowMs, chunkGeneration) =>
    deletions.some(
      ({ firstMs, lastMs, generation }) =>
        generation > chunkGeneration && lastMs > windowMs && firstMs <= windowMs + WINDOW_MS,
    );
}
