import type { ClickHouse } from "@monotreme/clickhouse";
import { type BlockSnapshot, readBlockSnapshot } from "./block-catalog-snapshot.ts";
import { SAMPLE_PARTS } from "./block-catalog-parts.ts";
import { DeletionMasks } from "./deletion-masks.ts";

/** Which blocks there are, and which of their samples are deleted, as of one moment. */
export interface BlocksNow {
  readonly snapshot: BlockSnapshot;
  readonly masks: DeletionMasks;
}

export interface BlockViewOptions {
  /** A state serves for so long; late samples may be missing from buckets for no longer than this. */
  readonly freshMs?: number;
  /** A clock in ms. */
  readonly now?: () => number;
}

const DEFAULT_FRESH_MS = 1000;
/**
 * Raw samples are in rows or in chunks, and rows stay for `--compactor.grace` after their block is ready, so a state that
 * is this old still says rightly whether there are chunks to read.
 */
const RAW_FRESH_MS = 60_000;
const ALL_TIME = { fromMs: -(2 ** 53), untilMs: 2 ** 53 };

/** Changes whenever a block, a deletion or a part of `samples` does. */
const FINGERPRINT = `SELECT toString(groupBitXor(cityHash64(part))) AS fingerprint FROM (
  SELECT name AS part FROM system.parts WHERE ${SAMPLE_PARTS}
  UNION ALL SELECT concat('blocks ', toString(max(version)), ' ', toString(count())) FROM blocks
  UNION ALL SELECT concat('deletions ', toString(max(updated)), ' ', toString(count())) FROM deletions)`;

interface Held {
  readonly state: BlocksNow;
  readonly fingerprint: string;
  /** When the look at the store began. */
  readonly atMs: number;
}

const VIEWS = new WeakMap<ClickHouse, BlockView>();

/** The view that all who read through a client share. */
export function blockViewOf(clickhouse: ClickHouse): BlockView {
  let view = VIEWS.get(clickhouse);
  if (view === undefined) VIEWS.set(clickhouse, (view = new BlockView(clickhouse)));
  return view;
}

/** The state of the blocks for all reads of a process: looked up when it is asked for, at most once a second. */
export class BlockView {
  readonly #clickhouse: ClickHouse;
  readonly #freshMs: number;
  readonly #now: () => number;
  #held: Held | undefined;
  #forgotten = 0;
  #refresh: Promise<Held> | undefined;

  constructor(clickhouse: ClickHouse, { freshMs = DEFAULT_FRESH_MS, now = Date.now }: BlockViewOptions = {}) {
    this.#clickhouse = clickhouse;
    this.#freshMs = freshMs;
    this.#now = now;
  }

  /** The state as it is, or was less than a second ago. */
  async current(): Promise<BlocksNow> {
    const held = this.#held;
    if (held !== undefined && this.#isWithin(held, this.#freshMs)) return held.state;
    return (await this.#refreshed()).state;
  }

  /**
   * A state that is good enough to say whether there are chunks to read; whoever reads by it compares its masks with
   * those of `current` afterwards. Undefined where none is held.
   */
  recent(): BlocksNow | undefined {
    const held = this.#held;
    return held !== undefined && this.#isWithin(held, RAW_FRESH_MS) ? held.state : undefined;
  }

  /** The next read looks again: something was changed by this process. */
  forget(): void {
    this.#forgotten++;
    this.#held = undefined;
    this.#refresh = undefined;
  }

  #isWithin({ atMs }: Held, ageMs: number): boolean {
    const age = this.#now() - atMs;
    return age >= 0 && age < ageMs;
  }

  /** Shared by all who wait; it is of no single query, so none can stop it. */
  #refreshed(): Promise<Held> {
    if (this.#refresh !== undefined) return this.#refresh;
    const refresh = this.#read().finally(() => {
      if (this.#refresh === refresh) this.#refresh = undefined;
    });
    this.#refresh = refresh;
    return refresh;
  }

  async #read(): Promise<Held> {
    const atMs = this.#now();
    const known = this.#held;
    const forgotten = this.#forgotten;
    const [row] = await this.#clickhouse.queryRows(FINGERPRINT);
    const fingerprint = String(row?.["fingerprint"]);
    const state = known?.fingerprint === fingerprint ? known.state : await this.#load(known?.state.masks);
    const held = { state, fingerprint, atMs };
    // A look that began before something was changed is not kept.
    if (forgotten === this.#forgotten) this.#held = held;
    return held;
  }

  async #load(known: DeletionMasks = DeletionMasks.NONE): Promise<BlocksNow> {
    const [snapshot, masks] = await Promise.all([
      readBlockSnapshot(this.#clickhouse, ALL_TIME),
      DeletionMasks.load(this.#clickhouse, { known }),
    ]);
    return { snapshot, masks };
  }
}
