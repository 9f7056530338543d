import type { ClickHouse, NativeColumn } from "@monotreme/clickhouse";
import type { BlockRecord } from "./block-catalog.ts";

/** How many samples, or whole buckets, deletions took out of a chunk when it was written again; by the deletion's id. */
export type Removed = ReadonlyMap<string, number>;

export const NOTHING_REMOVED: Removed = new Map();

/**
 * What one job took out of the chunks of a block, for the receipts of the deletions. Any job that writes chunks again
 * leaves out what is deleted, so each notes it by itself: a receipt sums up the notes.
 */
export class RemovalBatch {
  readonly #what: "samples" | "buckets";
  readonly #counts = new Map<string, number>();

  constructor(what: "samples" | "buckets") {
    this.#what = what;
  }

  add(removed: Removed): void {
    for (const [id, count] of removed) this.#counts.set(id, (this.#counts.get(id) ?? 0) + count);
  }

  /** Inserts what was added; a repeat of the same part counts once. */
  async insert(
    clickhouse: ClickHouse,
    { record, part, signal }: { readonly record: BlockRecord; readonly part: number; readonly signal: AbortSignal },
  ): Promise<void> {
    if (this.#counts.size === 0) return;
    const ids = [...this.#counts.keys()];
    const numbers = BigUint64Array.from(this.#counts.values(), BigInt);
    const none = new BigUint64Array(ids.length);
    this.#counts.clear();
    const columns: NativeColumn[] = [
      { name: "deletion", type: "String", values: ids },
      repeated(
        "resolution",
        "UInt64",
        BigUint64Array.from(ids, () => BigInt(record.resolutionMs)),
      ),
      repeated(
        "start",
        "Int64",
        BigInt64Array.from(ids, () => BigInt(record.startMs)),
      ),
      repeated(
        "generation",
        "UInt64",
        BigUint64Array.from(ids, () => BigInt(record.generation)),
      ),
      repeated(
        "part",
        "UInt64",
        BigUint64Array.from(ids, () => BigInt(part)),
      ),
      repeated("samples", "UInt64", this.#what === "samples" ? numbers : none),
      repeated("buckets", "UInt64", this.#what === "buckets" ? numbers : none),
    ];
    await clickhouse.insertNative("deletion_removals", columns, ids.length, { signal });
  }
}

function repeated(name: string, type: "UInt64" | "Int64", values: BigUint64Array | BigInt64Array): NativeColumn {
  return { name, type, chunks: [new Uint8Array(values.buffer)] };
}
