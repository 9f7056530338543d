import { RAW, type Resolution, RESOLUTIONS } from "@monotreme/blocks";
import type { ClickHouse, NativeBlock } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";

/** What a block is: being written, the one that counts, given up for now, or forgotten by retention. */
export const BLOCK_STATES = ["building", "ready", "set_aside", "dropped"] as const;
export type BlockState = (typeof BLOCK_STATES)[number];

/** One block: a resolution, and the start of what it covers (epoch ms, exclusive). */
export interface BlockKey {
  /** 0: raw samples. */
  readonly resolutionMs: number;
  readonly startMs: number;
}

/** What a block holds. */
export interface BlockNumbers {
  readonly series: number;
  readonly samples: number;
  /** Packed, before ClickHouse compresses them. */
  readonly bytes: number;
  /** Of the first and the last sample, epoch ms. */
  readonly minMs: number;
  readonly maxMs: number;
}

/** One generation of a block, as the table `blocks` has it. */
export interface BlockRecord extends BlockKey, BlockNumbers {
  readonly generation: number;
  readonly state: BlockState;
  /** Raw: the parts of `samples` that it holds and that are not dropped yet; else `start:generation` of raw windows. */
  readonly inputs: readonly string[];
  /** Attempts that failed one after the other; 0 after one that went well. */
  readonly attempts: number;
  readonly holder: string;
  /** Why the last attempt failed, or empty. */
  readonly reason: string;
  readonly version: number;
  /** When this was noted, by the server's clock. */
  readonly updatedMs: number;
}

/** The records of one block that matter. */
export interface BlockHistory {
  /** What readers use: the highest generation that is ready, unless retention dropped it. */
  readonly current: BlockRecord | undefined;
  /** The highest generation, whatever became of it. */
  readonly latest: BlockRecord;
  /** Generations that were begun since the last one that came to an end, and said nothing more: their process died. */
  readonly abandoned: number;
}

const EMPTY: BlockNumbers = { series: 0, samples: 0, bytes: 0, minMs: 0, maxMs: 0 };
/** Generations are numbers here and UInt64 in the table. */
const MAX_GENERATION = Number.MAX_SAFE_INTEGER - 4;

/**
 * The table `blocks`. Whoever writes about a block holds its lease, so records of one generation have one writer; the
 * last version of a generation counts. Safe for concurrent use.
 */
export class BlockCatalog {
  readonly #clickhouse: ClickHouse;
  readonly #holder: string;

  /** `holder` is noted with what it writes, for people. */
  constructor(clickhouse: ClickHouse, holder: string) {
    this.#clickhouse = clickhouse;
    this.#holder = holder;
  }

  /**
   * Takes a generation above all others and notes the block as `building`. Nothing may be read for it before this
   * resolves, and the lease has to be looked at after it: then no other holder has the same generation of this block.
   */
  async begin(key: BlockKey, attempts: number, signal?: AbortSignal): Promise<BlockRecord> {
    const generation = await nextGeneration(this.#clickhouse, signal);
    const { holder, now } = { holder: this.#holder, now: Date.now() };
    const record: BlockRecord = {
      ...EMPTY,
      resolutionMs: key.resolutionMs,
      startMs: key.startMs,
      generation,
      state: "building",
      inputs: [],
      attempts,
      holder,
      reason: "",
      version: now,
      updatedMs: now,
    };
    await this.#insert(record);
    return record;
  }

  /** Readers use this generation from now on. */
  async publish(record: BlockRecord, inputs: readonly string[], numbers: BlockNumbers): Promise<BlockRecord> {
    return this.#write(record, { ...numbers, state: "ready", inputs, attempts: 0, reason: "" });
  }

  /** What was read for the block is about to be removed: parts that are still there afterwards are new ones. */
  async forgetInputs(record: BlockRecord): Promise<BlockRecord> {
    return this.#write(record, { inputs: [] });
  }

  /** An attempt failed; the block is tried again later. */
  async fail(record: BlockRecord, reason: string): Promise<BlockRecord> {
    return this.#write(record, { attempts: record.attempts + 1, reason });
  }

  /** An attempt ended through no fault of the block: the lease or the server went away, or the process was stopped. */
  async interrupt(record: BlockRecord, reason: string): Promise<BlockRecord> {
    return this.#write(record, { reason });
  }

  /** The block failed too often; it waits for a day or for somebody. */
  async setAside(record: BlockRecord, reason: string): Promise<BlockRecord> {
    return this.#write(record, { state: "set_aside", attempts: record.attempts + 1, reason });
  }

  /** Nothing of the block is left, by retention. */
  async drop(record: BlockRecord, reason: string): Promise<BlockRecord> {
    return this.#write(record, { state: "dropped", inputs: [], reason });
  }

  /** All records of a range of starts, the last version of each generation, oldest generation first. */
  async read({ startsFromMs, startsUntilMs, updatedSinceMs, signal }: CatalogRequest = {}): Promise<BlockRecord[]> {
    const conditions = ["1"];
    if (startsFromMs !== undefined) conditions.push("start >= {from:Int64}");
    if (startsUntilMs !== undefined) conditions.push("start <= {until:Int64}");
    if (updatedSinceMs !== undefined) conditions.push("updated >= fromUnixTimestamp64Milli({since:Int64})");
    const query = `SELECT resolution, toFloat64(start) AS start_ms, toFloat64(generation) AS generation_number, CAST(state, 'String') AS state_name,
      inputs, toFloat64(series) AS series_count, toFloat64(samples) AS sample_count, toFloat64(bytes) AS byte_count,
      toFloat64(min_ts) AS min_ms, toFloat64(max_ts) AS max_ms, toFloat64(attempts) AS attempt_count, holder, reason,
      toFloat64(version) AS version_number, toFloat64(toUnixTimestamp64Milli(updated)) AS updated_ms
      FROM blocks FINAL WHERE ${conditions.join(" AND ")} ORDER BY resolution, start, generation`;
    const parameters = {
      ...(startsFromMs !== undefined && { from: wholeText(startsFromMs) }),
      ...(startsUntilMs !== undefined && { until: wholeText(startsUntilMs) }),
      ...(updatedSinceMs !== undefined && { since: wholeText(updatedSinceMs) }),
    };
    const records: BlockRecord[] = [];
    for await (const block of this.#clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
      for (let row = 0; row < block.rowCount; row++) records.push(recordFrom(block, row));
    }
    return records;
  }

  /** The records of one block, oldest generation first. */
  async readBlock({ resolutionMs, startMs }: BlockKey, signal?: AbortSignal): Promise<BlockRecord[]> {
    const records = await this.read({ startsFromMs: startMs, startsUntilMs: startMs, ...(signal && { signal }) });
    return records.filter((record) => record.resolutionMs === resolutionMs);
  }

  async #write(record: BlockRecord, change: Partial<BlockRecord>): Promise<BlockRecord> {
    const now = Date.now();
    const version = Math.max(now, record.version + 1);
    const changed: BlockRecord = { ...record, ...change, holder: this.#holder, version, updatedMs: now };
    await this.#insert(changed);
    return changed;
  }

  async #insert(record: BlockRecord): Promise<void> {
    const { resolutionMs, startMs, minMs, maxMs, inputs, state, holder, reason } = record;
    const unsigned = (name: string, value: number) =>
      ({ name, type: "UInt64", chunks: [bytesOf(BigUint64Array.of(BigInt(Math.max(0, Math.floor(value)))))] }) as const;
    const signed = (name: string, value: number) =>
      ({ name, type: "Int64", chunks: [bytesOf(BigInt64Array.of(BigInt(Math.floor(value))))] }) as const;
    await this.#clickhouse.insertNative(
      "blocks",
      [
        { name: "resolution", type: "UInt32", chunks: [bytesOf(Uint32Array.of(resolutionMs))] },
        signed("start", startMs),
        unsigned("generation", record.generation),
        { name: "state", type: "String", values: [state] },
        { name: "inputs", type: "Array(String)", values: [inputs] },
        unsigned("series", record.series),
        unsigned("samples", record.samples),
        unsigned("bytes", record.bytes),
        signed("min_ts", minMs),
        signed("max_ts", maxMs),
        { name: "attempts", type: "UInt32", chunks: [bytesOf(Uint32Array.of(record.attempts))] },
        { name: "holder", type: "String", values: [holder] },
        { name: "reason", type: "String", values: [reason.slice(0, MAX_REASON_LENGTH)] },
        unsigned("version", record.version),
      ],
      1,
    );
  }
}

const MAX_REASON_LENGTH = 2000;

/** Which records are wanted; all of them when nothing is given. */
export interface CatalogRequest {
  readonly startsFromMs?: number;
  readonly startsUntilMs?: number;
  /** Only what was noted from then on, by the server's clock. */
  readonly updatedSinceMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * A generation above that of every block and every deletion: an odd one, so that no deletion (they take even ones) has
 * the same as a job that began at the same moment.
 */
export async function nextGeneration(clickhouse: ClickHouse, signal?: AbortSignal): Promise<number> {
  return (await highestGeneration(clickhouse, signal, 1)) as number;
}

/** As {@link nextGeneration}, for a deletion: an even one. */
export async function nextDeletionGeneration(clickhouse: ClickHouse, signal?: AbortSignal): Promise<number> {
  return highestGeneration(clickhouse, signal, 0);
}

async function highestGeneration(
  clickhouse: ClickHouse,
  signal: AbortSignal | undefined,
  parity: 0 | 1,
): Promise<number> {
  const [row] = await clickhouse.queryRows(
    `SELECT toFloat64(max(highest)) AS highest FROM (
      SELECT max(generation) AS highest FROM blocks UNION ALL SELECT max(generation) AS highest FROM deletions)`,
    signal && { signal },
  );
  const highest = Number(row?.["highest"] ?? 0);
  if (!(highest < MAX_GENERATION)) {
    throw new AppError("BLOCK_GENERATION_INVALID", "internal", `the highest generation of blocks is ${highest}`);
  }
  return highest % 2 === parity ? highest + 2 : highest + 1;
}

/** Records by block, with what counts of each; the records in any order. */
export function blockHistories(records: readonly BlockRecord[]): Map<string, BlockHistory> {
  const groups = new Map<string, BlockRecord[]>();
  for (const record of records) {
    const key = blockKeyText(record);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  return new Map(Array.from(groups, ([key, group]) => [key, historyOf(group)]));
}

/** A block's key as one text. */
export function blockKeyText({ resolutionMs, startMs }: BlockKey): string {
  return `${resolutionMs}/${startMs}`;
}

/** The resolution of a record; one that is not known (of a newer version) is named by its milliseconds. */
export function resolutionOf(resolutionMs: number): Resolution {
  const known = RESOLUTIONS.find((resolution) => resolution.resolutionMs === resolutionMs);
  return known ?? { resolutionMs, blockMs: RAW.blockMs, name: `${resolutionMs}ms` };
}

function historyOf(records: readonly BlockRecord[]): BlockHistory {
  const sorted = records.toSorted((a, b) => a.generation - b.generation);
  const latest = sorted.at(-1) as BlockRecord;
  const decided = sorted.findLast(({ state }) => state === "ready" || state === "dropped");
  // One that was set aside is counted anew: it is tried again after a day, or when somebody asks.
  const since = sorted.findLast(({ state }) => state !== "building")?.generation ?? -1;
  const abandoned = sorted.filter(
    ({ generation, state, reason }) => generation > since && state === "building" && reason === "",
  ).length;
  return { current: decided?.state === "ready" ? decided : undefined, latest, abandoned };
}

function recordFrom(block: NativeBlock, row: number): BlockRecord {
  const number = (name: string): number => block.float64(name)[row] ?? 0;
  const text = (name: string): string => block.strings(name)[row] ?? "";
  return {
    resolutionMs: block.uint32("resolution")[row] ?? 0,
    startMs: number("start_ms"),
    generation: number("generation_number"),
    state: stateFrom(text("state_name")),
    inputs: block.lists("inputs")[row] ?? [],
    series: number("series_count"),
    samples: number("sample_count"),
    bytes: number("byte_count"),
    minMs: number("min_ms"),
    maxMs: number("max_ms"),
    attempts: number("attempt_count"),
    holder: text("holder"),
    reason: text("reason"),
    version: number("version_number"),
    updatedMs: number("updated_ms"),
  };
}

/** A state of a newer version counts as one that nobody may read. */
function stateFrom(text: string): BlockState {
  return BLOCK_STATES.find((state) => state === text) ?? "building";
}

function wholeText(value: number): string {
  return BigInt(Math.floor(Math.min(Math.max(value, -(2 ** 62)), 2 ** 62))).toString();
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
