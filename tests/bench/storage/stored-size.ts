import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ClickHouse } from "@monotreme/clickhouse";
import { embeddedClickHouseUrl, eventually } from "@monotreme/testkit";

/** What samples take on disk once a system has put them into their last form. */
export interface StoredSize {
  readonly samplesBytes: number;
  readonly indexBytes: number;
  /** What the bytes of samples are made of, where that can be told. */
  readonly parts: ReadonlyMap<string, number>;
}

/** Waits until a system has done its merges, and measures. */
export async function sizeOf(system: string, url: string, folder: string): Promise<StoredSize> {
  if (system === "ours") return sizeOfOurs(join(folder, "data"));
  if (system === "prometheus") return sizeOfPrometheus(url, join(folder, "data"));
  return sizeOfVictoriaMetrics(url);
}

const PATIENCE = { timeoutMs: 600_000 };

async function sizeOfOurs(dataPath: string): Promise<StoredSize> {
  const clickhouse = new ClickHouse({ url: await embeddedClickHouseUrl(dataPath), database: "monotreme" });
  try {
    const number = async (query: string): Promise<number> =>
      Number(Object.values((await clickhouse.queryRows(query))[0] ?? {})[0]);
    // Old rows are gone when their block is made and its grace is over; buckets of 1h come last.
    const pending = `SELECT (SELECT count() FROM samples WHERE ts <= (now64(3)::Int64 - 7200000))
      + (SELECT 3 - uniqExact(resolution) FROM blocks FINAL WHERE state = 'ready')`;
    await eventually(async () => (await number(pending)) === 0, PATIENCE);
    // Small parts would keep all columns in one file, and not tell them apart.
    for (const table of ["raw_chunks", "bucket_chunks"]) {
      await clickhouse.command(`ALTER TABLE ${table} MODIFY SETTING min_bytes_for_wide_part = 0`);
    }
    for (const table of ["raw_chunks", "bucket_chunks", "series"])
      await clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`);
    const bytesOf = async (table: string): Promise<number> =>
      number(`SELECT sum(data_compressed_bytes) FROM system.parts
        WHERE database = currentDatabase() AND active AND table = '${table}'`);
    const columns = await clickhouse.queryRows(`SELECT table, column, sum(column_data_compressed_bytes) AS bytes
      FROM system.parts_columns WHERE database = currentDatabase() AND active AND table IN ('raw_chunks', 'bucket_chunks')
      GROUP BY table, column HAVING bytes > 0 ORDER BY table, bytes DESC`);
    const parts = new Map([["5m and 1h beside it", await bytesOf("bucket_chunks")]]);
    for (const { table, column, bytes } of columns) parts.set(`${String(table)}.${String(column)}`, Number(bytes));
    return { samplesBytes: await bytesOf("raw_chunks"), indexBytes: await bytesOf("series"), parts };
  } finally {
    await clickhouse.close();
  }
}

/** Of a snapshot, which writes the head as a block. */
async function sizeOfPrometheus(url: string, dataPath: string): Promise<StoredSize> {
  const response = await fetch(`${url}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
  if (!response.ok) throw new Error(`no snapshot: ${await response.text()}`);
  const files = await filesBelow(join(dataPath, "snapshots"));
  const bytes = (isMeant: (path: string) => boolean): number =>
    files.reduce((sum, file) => sum + (isMeant(file.path) ? file.bytes : 0), 0);
  return {
    samplesBytes: bytes((path) => path.includes("/chunks/")),
    indexBytes: bytes((path) => path.endsWith("/index")),
    parts: new Map(),
  };
}

async function sizeOfVictoriaMetrics(url: string): Promise<StoredSize> {
  await fetch(`${url}/internal/force_flush`);
  await fetch(`${url}/internal/force_merge`);
  const sizes = async (): Promise<string> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return text
      .split("\n")
      .filter((line) => /^vm_(data_size_bytes|active_merges)\{/.test(line))
      .join("\n");
  };
  const bytes = (text: string, type: RegExp): number =>
    text
      .split("\n")
      .filter((line) => line.startsWith("vm_data_size_bytes") && type.test(line))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  let before = "";
  const last = await eventually(
    async () => {
      const now = await sizes();
      const isDone = now === before && !/vm_active_merges\{[^}]*\} [1-9]/.test(now);
      before = now;
      return isDone ? now : undefined;
    },
    { ...PATIENCE, intervalMs: 2000 },
  );
  return {
    samplesBytes: bytes(last, /type="storage/),
    indexBytes: bytes(last, /type="indexdb/),
    parts: new Map(),
  };
}

async function filesBelow(folder: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path) => ({ path, bytes: (await stat(path)).size })));
}
