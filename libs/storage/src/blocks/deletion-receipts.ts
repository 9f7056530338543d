import type { ClickHouse, NativeBlock, QueryParameters } from "@monotreme/clickhouse";
import { int64Text } from "../row-condition.ts";
import { nextDeletionGeneration } from "./block-catalog.ts";

/** Whether samples of a deletion may still stand in chunks, hidden from readers, or nothing is left of them. */
export const DELETION_STATES = ["active", "complete"] as const;
export type DeletionState = (typeof DELETION_STATES)[number];

/** What was asked to be deleted and what became of it. */
export interface DeletionReceipt {
  readonly id: string;
  readonly tenant: string;
  /** The selectors as they were asked. */
  readonly matchers: readonly string[];
  /** First and last deleted millisecond; far beyond any calendar where it was not said. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly generation: number;
  readonly state: DeletionState;
  /** Series found. */
  readonly series: number;
  /** Samples deleted from rows, at once. */
  readonly rows: number;
  /** Samples left out of chunks that were written again, so far. */
  readonly samples: number;
  /** Buckets removed whole because their samples were gone already, so far. */
  readonly buckets: number;
  readonly createdMs: number;
  /** When it was changed last; of a complete one, when it was complete. */
  readonly updatedMs: number;
  readonly version: number;
}

export interface ReceiptRequest {
  /** Of any tenant when not given. */
  readonly tenant?: string;
  readonly id?: string;
  readonly state?: DeletionState;
  /** The newest so many; 1000 when not given. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_LIMIT = 1000;

/** The receipts that were asked for, newest first. */
export async function readDeletionReceipts(
  clickhouse: ClickHouse,
  { tenant, id, state, limit = DEFAULT_LIMIT, signal }: ReceiptRequest,
): Promise<DeletionReceipt[]> {
  const given: [name: string, value: string | undefined][] = [
    ["tenant", tenant],
    ["id", id],
    ["state", state],
  ];
  const conditions = given.filter(([, value]) => value !== undefined).map(([name]) => `${name} = {${name}:String}`);
  const query = `SELECT id, tenant, matchers, state, toFloat64(from_ms) AS first_ms, toFloat64(until_ms) AS last_ms,
      toFloat64(generation) AS generation_number, toFloat64(series) AS series_count, toFloat64(rows) AS row_count,
      toFloat64(removed.samples) AS sample_count, toFloat64(removed.buckets) AS bucket_count,
      toFloat64(version) AS version_number,
      toFloat64(toUnixTimestamp64Milli(created)) AS created_ms, toFloat64(toUnixTimestamp64Milli(updated)) AS updated_ms
    FROM deletions FINAL LEFT JOIN (
      SELECT deletion, sum(samples) AS samples, sum(buckets) AS buckets FROM deletion_removals FINAL GROUP BY deletion
    ) AS removed ON deletions.id = removed.deletion
    WHERE ${["1", ...conditions].join(" AND ")}
    ORDER BY created DESC, id LIMIT ${Math.max(1, Math.floor(limit))}`;
  const parameters: QueryParameters = Object.fromEntries(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const receipts: DeletionReceipt[] = [];
  for await (const block of clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
    for (let row = 0; row < block.rowCount; row++) receipts.push(receiptFrom(block, row));
  }
  return receipts;
}

/**
 * Keeps a receipt; of those with one id the one of the highest version counts. What was taken out of chunks is noted
 * by the jobs that do it, see `RemovalBatch`.
 */
export async function writeDeletionReceipt(clickhouse: ClickHouse, receipt: DeletionReceipt): Promise<void> {
  await clickhouse.command(
    `INSERT INTO deletions (id, tenant, matchers, from_ms, until_ms, generation, state, series, rows, created,
        version)
      SELECT {id:String}, {tenant:String}, {matchers:Array(String)}, {fromMs:Int64}, {untilMs:Int64},
        {generation:UInt64}, {state:String}, {series:UInt64}, {rows:UInt64},
        fromUnixTimestamp64Milli({createdMs:Int64}), {version:UInt64}`,
    { parameters: { ...receipt, fromMs: int64Text(receipt.fromMs), untilMs: int64Text(receipt.untilMs) } },
  );
}

/** Raised so often at most; each time a job began in the few milliseconds between. */
const MAX_RAISES = 100;

/**
 * Puts a deletion in force: its receipt gets a generation above that of every block. A job that takes a generation at
 * the same moment is either below it, so that what it writes is hidden, or above and sees it before it reads chunks.
 * Rows have to be deleted before.
 */
export async function enactDeletion(clickhouse: ClickHouse, receipt: DeletionReceipt): Promise<DeletionReceipt> {
  let enacted = receipt;
  for (let raise = 0; raise < MAX_RAISES; raise++) {
    enacted = { ...enacted, generation: await nextDeletionGeneration(clickhouse), version: enacted.version + 1 };
    await writeDeletionReceipt(clickhouse, enacted);
    const [row] = await clickhouse.queryRows("SELECT toFloat64(max(generation)) AS highest FROM blocks");
    if (Number(row?.["highest"] ?? 0) < enacted.generation) return enacted;
  }
  return enacted;
}

/**
 * The highest generation of all deletions that reach into the block `(startMs, startMs + spanMs]`; 0 where none does.
 * A job of a lower one may hold samples that came after the deletion, and has to be done again.
 */
export async function highestDeletionWithin(
  clickhouse: ClickHouse,
  { startMs, spanMs }: { readonly startMs: number; readonly spanMs: number },
  signal?: AbortSignal,
): Promise<number> {
  const query = `SELECT toFloat64(max(generation)) AS highest FROM deletions
    WHERE until_ms > {after:Int64} AND from_ms <= {until:Int64}`;
  const parameters = { after: int64Text(startMs), until: int64Text(startMs + spanMs) };
  const [row] = await clickhouse.queryRows(query, { parameters, ...(signal && { signal }) });
  return Number(row?.["highest"] ?? 0);
}

function receiptFrom(block: NativeBlock, row: number): DeletionReceipt {
  const number = (name: string): number => block.float64(name)[row] ?? 0;
  const text = (name: string): string => block.strings(name)[row] ?? "";
  return {
    id: text("id"),
    tenant: text("tenant"),
    matchers: block.lists("matchers")[row] ?? [],
    fromMs: number("first_ms"),
    untilMs: number("last_ms"),
    generation: number("generation_number"),
    state: text("state") === "complete" ? "complete" : "active",
    series: number("series_count"),
    rows: number("row_count"),
    samples: number("sample_count"),
    buckets: number("bucket_count"),
    createdMs: number("created_ms"),
    updatedMs: number("updated_ms"),
    version: number("version_number"),
  };
}
