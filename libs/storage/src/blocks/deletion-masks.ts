import { WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";

/** A range of time (both ends included, epoch ms) that is deleted from chunks of generations below the given one. */
export interface DeletedRange {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly generation: number;
}

/** A deletion whose samples may still stand in chunks. */
export interface ActiveDeletion extends DeletedRange {
  readonly id: string;
}

/** Ids of series as words, low before high: `[metric, metric, series, series]` of each in turn. */
type SeriesWords = Uint32Array;

const WORDS = 4;
const NOTHING: readonly ActiveDeletion[] = [];

/**
 * Masks outlive the completion of their deletion for as long as a query may run, because a query may have read chunks
 * before they were written again and look at the masks after it.
 */
const LINGER_SECONDS = 600;

const ACTIVE = `SELECT id, from_ms, until_ms, generation FROM deletions FINAL
  WHERE state = 'active' OR updated > now() - INTERVAL ${LINGER_SECONDS} SECOND ORDER BY id`;

/**
 * The deletions that still hide samples of chunks, as they were when it was loaded. It never changes: whoever keeps one
 * loads the next from it, which costs one small statement while nothing is deleted. A reader loads it before or while it
 * reads chunks, never later.
 */
export class DeletionMasks {
  static readonly NONE: DeletionMasks = new DeletionMasks([], new Map());

  readonly deletions: readonly ActiveDeletion[];
  readonly #seriesOf: ReadonlyMap<string, SeriesWords>;
  /** By the low word of the series id: indexes into `#entries`. */
  readonly #index = new Map<number, number[]>();
  readonly #entries: { readonly words: SeriesWords; readonly at: number; readonly deletion: ActiveDeletion }[] = [];

  private constructor(deletions: readonly ActiveDeletion[], seriesOf: ReadonlyMap<string, SeriesWords>) {
    this.deletions = deletions;
    this.#seriesOf = seriesOf;
    for (const deletion of deletions) {
      const words = seriesOf.get(deletion.id) ?? new Uint32Array(0);
      for (let at = 0; at < words.length; at += WORDS) this.#add({ words, at, deletion });
    }
  }

  /** Reads the deletions; series of those that `known` has are not read again. */
  static async load(
    clickhouse: ClickHouse,
    { known = DeletionMasks.NONE, signal }: { readonly known?: DeletionMasks; readonly signal?: AbortSignal } = {},
  ): Promise<DeletionMasks> {
    const deletions = await readActive(clickhouse, signal);
    if (isSame(deletions, known.deletions)) return known;
    const seriesOf = new Map<string, SeriesWords>();
    for (const { id } of deletions) {
      seriesOf.set(id, known.#seriesOf.get(id) ?? (await readSeries(clickhouse, id, signal)));
    }
    return new DeletionMasks(deletions, seriesOf);
  }

  /** Masks that a test names itself; ids of series as words, `[metric, metric, series, series]` each. */
  static of(deletions: readonly { readonly deletion: ActiveDeletion; readonly series: Uint32Array }[]): DeletionMasks {
    return new DeletionMasks(
      deletions.map(({ deletion }) => deletion),
      new Map(deletions.map(({ deletion, series }) => [deletion.id, series])),
    );
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** The deletions that reach into `(startMs, startMs + spanMs]`, of any series. */
  within(startMs: number, spanMs: number): readonly ActiveDeletion[] {
    return this.deletions.filter((deletion) => reaches(deletion, startMs, spanMs));
  }

  /** The deleted ranges of a series that reach into the block `(startMs, startMs + spanMs]`; none, nearly always. */
  maskOf(
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    startMs: number,
    spanMs: number = WINDOW_MS,
  ): readonly ActiveDeletion[] {
    const candidates = this.#index.get(seriesIdLow);
    if (candidates === undefined) return NOTHING;
    let found: ActiveDeletion[] | undefined;
    for (const candidate of candidates) {
      const { words, at, deletion } = this.#entries[candidate]!;
      if (words[at + 3] !== seriesIdHigh || words[at] !== metricIdLow || words[at + 1] !== metricIdHigh) continue;
      if (reaches(deletion, startMs, spanMs)) (found ??= []).push(deletion);
    }
    return found ?? NOTHING;
  }

  #add(entry: { readonly words: SeriesWords; readonly at: number; readonly deletion: ActiveDeletion }): void {
    const low = entry.words[entry.at + 2]!;
    const found = this.#index.get(low);
    if (found === undefined) this.#index.set(low, [this.#entries.length]);
    else found.push(this.#entries.length);
    this.#entries.push(entry);
  }
}

/**
 * Moves what the ranges leave of a chunk of that generation to the front of its columns, and answers how many samples
 * that are: all of them where every range is of a lower generation.
 */
export function withoutDeleted(
  timestamps: Float64Array,
  values: Float64Array,
  count: number,
  { ranges, generation }: { readonly ranges: readonly DeletedRange[]; readonly generation: number },
): number {
  const hiding = ranges.filter((range) => generation < range.generation);
  if (hiding.length === 0) return count;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const timestampMs = timestamps[i]!;
    if (hiding.some(({ fromMs, untilMs }) => timestampMs >= fromMs && timestampMs <= untilMs)) continue;
    timestamps[kept] = timestampMs;
    // Within one array bytes are moved, so that no bits of a NaN are lost.
    if (kept !== i) values.copyWithin(kept, i, i + 1);
    kept++;
  }
  return kept;
}

function reaches({ fromMs, untilMs }: DeletedRange, startMs: number, spanMs: number): boolean {
  return fromMs <= startMs + spanMs && untilMs > startMs;
}

function isSame(left: readonly ActiveDeletion[], right: readonly ActiveDeletion[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ id, generation }, i) => id === right[i]?.id && generation === right[i].generation)
  );
}

async function readActive(clickhouse: ClickHouse, signal: AbortSignal | undefined): Promise<ActiveDeletion[]> {
  const deletions: ActiveDeletion[] = [];
  for await (const block of clickhouse.selectNative(ACTIVE, signal && { signal })) {
    const froms = new BigInt64Array(block.uint64("from_ms"));
    const untils = new BigInt64Array(block.uint64("until_ms"));
    const generations = block.uint64("generation");
    for (const [row, id] of block.strings("id").entries()) {
      deletions.push({
        id,
        fromMs: Number(froms[row]),
        untilMs: Number(untils[row]),
        generation: Number(generations[row]),
      });
    }
  }
  return deletions;
}

async function readSeries(
  clickhouse: ClickHouse,
  deletion: string,
  signal: AbortSignal | undefined,
): Promise<SeriesWords> {
  const pieces: SeriesWords[] = [];
  const query = "SELECT metric_id, series_id FROM deletion_series FINAL WHERE deletion = {deletion:String}";
  for await (const block of clickhouse.selectNative(query, { parameters: { deletion }, ...(signal && { signal }) })) {
    const metrics = block.words64("metric_id");
    const series = block.words64("series_id");
    const words = new Uint32Array(block.rowCount * WORDS);
    for (let row = 0; row < block.rowCount; row++) {
      words.set(metrics.subarray(row * 2, row * 2 + 2), row * WORDS);
      words.set(series.subarray(row * 2, row * 2 + 2), row * WORDS + 2);
    }
    pieces.push(words);
  }
  const all = new Uint32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
