import { FIVE_MINUTES, ONE_HOUR, RAW, type Resolution, WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";

/** What is kept for a time of its own. */
export const KINDS = ["rows", "raw", "5m", "1h", "histograms", "starts", "exemplars", "index"] as const;
export type Kind = (typeof KINDS)[number];

/** A partition of one of our tables: what can be forgotten, or moved to another volume, in one go. */
export interface Partition {
  readonly table: string;
  /** ClickHouse's own name of it. */
  readonly id: string;
  readonly kind: Kind;
  /** Of the chunks in it; empty where series of all classes are together. */
  readonly className: string;
  /** All samples in it are of `(fromMs, untilMs]`, epoch ms. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly rows: number;
  /** On disk. */
  readonly bytes: number;
  /** The disks that its parts are on, sorted. */
  readonly disks: readonly string[];
}

const DAY_MS = 86_400_000;

/** What a partition of `bucket_chunks` covers, as its partition key has it: a whole number of blocks. */
const BUCKET_PARTITION_MS: ReadonlyMap<number, number> = new Map([
  [FIVE_MINUTES.resolutionMs, 7 * DAY_MS],
  [ONE_HOUR.resolutionMs, 28 * DAY_MS],
]);

/** The longest time that a partition covers. */
export const LONGEST_PARTITION_MS = Math.max(...BUCKET_PARTITION_MS.values());

const DAILY_KINDS: ReadonlyMap<string, Kind> = new Map([
  ["histograms", "histograms"],
  ["starts", "starts"],
  ["exemplars", "exemplars"],
]);

/** All of our partitions that hold data of some time, in no order; nothing is read of the tables themselves. */
export async function readPartitions(clickhouse: ClickHouse, signal?: AbortSignal): Promise<Partition[]> {
  const query = `SELECT table, partition_id, any(partition) AS partition_text, toFloat64(sum(rows)) AS row_count,
      toFloat64(sum(bytes_on_disk)) AS byte_count, arraySort(groupUniqArray(disk_name)) AS disks
    FROM system.parts WHERE database = currentDatabase() AND active
      AND table IN ('samples', 'raw_chunks', 'bucket_chunks', 'bucket_histograms', 'histograms', 'starts', 'exemplars',
        'series')
    GROUP BY table, partition_id`;
  const partitions: Partition[] = [];
  for await (const block of clickhouse.selectNative(query, signal && { signal })) {
    const [ids, texts] = [block.strings("partition_id"), block.strings("partition_text")];
    const [rows, bytes] = [block.float64("row_count"), block.float64("byte_count")];
    const disks = block.lists("disks");
    for (const [row, table] of block.strings("table").entries()) {
      const key = partitionKeyFrom(table, texts[row] ?? "");
      if (key === undefined) continue;
      const sizes = { rows: rows[row] ?? 0, bytes: bytes[row] ?? 0, disks: disks[row] ?? [] };
      partitions.push({ table, id: ids[row] ?? "", ...key, ...sizes });
    }
  }
  return partitions;
}

/** Bytes on disk of all tables of this database, those without partitions included. */
export async function readTotalBytes(clickhouse: ClickHouse, signal?: AbortSignal): Promise<number> {
  const [row] = await clickhouse.queryRows(
    "SELECT toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts WHERE database = currentDatabase() AND active",
    signal && { signal },
  );
  return Number(row?.["bytes"] ?? 0);
}

type PartitionKey = Pick<Partition, "kind" | "className" | "fromMs" | "untilMs">;

/** Reads a partition's value as `system.parts` writes it; undefined for one of a table that nothing is known of. */
export function partitionKeyFrom(table: string, text: string): PartitionKey | undefined {
  switch (table) {
    case "samples":
      return spanOf("rows", "", Number(text), WINDOW_MS);
    case "raw_chunks": {
      const [, className, day] = /^\('((?:[^'\\]|\\[^])*)',(-?\d+)\)$/.exec(text) ?? [];
      return spanOf("raw", unescaped(className), Number(day), DAY_MS);
    }
    case "bucket_chunks":
    case "bucket_histograms": {
      const [, resolution, className, number] = /^\((\d+),'((?:[^'\\]|\\[^])*)',(-?\d+)\)$/.exec(text) ?? [];
      const partitionMs = BUCKET_PARTITION_MS.get(Number(resolution));
      const kind = Number(resolution) === ONE_HOUR.resolutionMs ? "1h" : "5m";
      return partitionMs === undefined ? undefined : spanOf(kind, unescaped(className), Number(number), partitionMs);
    }
    case "series": {
      const dayMs = Date.parse(`${text}T00:00:00Z`);
      // Days of the index are right-open.
      return Number.isNaN(dayMs) ? undefined : { ...span(dayMs - 1, DAY_MS), kind: "index", className: "" };
    }
    default: {
      const kind = DAILY_KINDS.get(table);
      return kind === undefined ? undefined : spanOf(kind, "", Number(text), DAY_MS);
    }
  }
}

/** An id of ClickHouse's own making as a text of SQL; statements about partitions take no parameters. */
export function quotePartitionId(id: string): string {
  return `'${id.replaceAll(/[^-\w]/g, "")}'`;
}

/** The resolution that a kind of partition holds, for the kinds that are blocks. */
export function resolutionOfKind(kind: Kind): Resolution | undefined {
  return [RAW, FIVE_MINUTES, ONE_HOUR].find(({ name }) => name === kind);
}

function spanOf(kind: Kind, className: string, number: number, spanMs: number): PartitionKey | undefined {
  if (!Number.isFinite(number)) return undefined;
  return { ...span(number * spanMs, spanMs), kind, className };
}

/** Numbers were rounded towards zero, so that the one at zero, and those before it, reach further back. */
function span(startMs: number, spanMs: number): { readonly fromMs: number; readonly untilMs: number } {
  return { fromMs: startMs <= 0 ? startMs - spanMs : startMs, untilMs: startMs + spanMs };
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["0", "\0"],
]);

function unescaped(text = ""): string {
  return text.replaceAll(/\\([^])/g, (_, character: string) => ESCAPES.get(character) ?? character);
}
