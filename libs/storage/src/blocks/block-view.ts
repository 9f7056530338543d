import { WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import {
  addPart,
  type BlockSnapshot,
  type KnownBlocks,
  type PartNames,
  readBlocksAndParts,
  snapshotOf,
} from "./block-catalog-snapshot.ts";
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

/** The parts of `samples` as they are, and what changes whenever a block or a deletion does. */
const LOOK = `SELECT 'part' AS kind, name AS text, toFloat64(toInt64OrZero(partition)) * ${WINDOW_MS} AS start_ms
    FROM system.parts WHERE ${SAMPLE_PARTS}
  UNION ALL SELECT 'blocks', toString((max(version), max(updated), count())), 0 FROM blocks
  UNION ALL SELECT 'deletions', toString((max(version), max(updated), count())), 0 FROM deletions`;

interface Look {
  readonly parts: PartNames;
  readonly blocksVersion: string;
  readonly deletionsVersion: string;
}

interface Held {
  readonly state: BlocksNow;
  readonly blocks: KnownBlocks;
  readonly blocksVersion: string;
  readonly deletionsVersion: string;
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

  /** Parts change all the time, blocks every other hour: of these only what changed is read again. */
  async #read(): Promise<Held> {
    const atMs = this.#now();
    const known = this.#held;
    const forgotten = this.#forgotten;
    const look = await this.#look();
    const { blocksVersion, deletionsVersion } = look;
    const [{ blocks, parts }, masks] = await Promise.all([
      known?.blocksVersion === blocksVersion
        ? { blocks: known.blocks, parts: look.parts }
        : readBlocksAndParts(this.#clickhouse, ALL_TIME),
      known?.deletionsVersion === deletionsVersion
        ? known.state.masks
        : DeletionMasks.load(this.#clickhouse, { known: known?.state.masks ?? DeletionMasks.NONE }),
    ]);
    const state = { snapshot: snapshotOf({ blocks, parts }), masks };
    const held = { state, blocks, blocksVersion, deletionsVersion, atMs };
    // A look that began before something was changed is not kept.
    if (forgotten === this.#forgotten) this.#held = held;
    return held;
  }

  async #look(): Promise<Look> {
    const parts = new Map<number, { readonly name: string }[]>();
    let [blocksVersion, deletionsVersion] = ["", ""];
    for await (const block of this.#clickhouse.selectNative(LOOK)) {
      const [texts, starts] = [block.strings("text"), block.float64("start_ms")];
      for (const [row, kind] of block.strings("kind").entries()) {
        const text = texts[row]!;
        if (kind === "part") addPart(parts, starts[row]!, text);
        else if (kind === "blocks") blocksVersion = text;
        else deletionsVersion = text;
      }
    }
    return { parts, blocksVersion, deletionsVersion };
  }
}
