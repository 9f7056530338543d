import { RAW, startOf, WINDOW_MS } from "@monotreme/blocks";
import { messageOf } from "@monotreme/errors";
import {
  type BlockSnapshot,
  type DeletionReceipt,
  readBlockSnapshot,
  readDeletionReceipts,
  resolutionOf,
  writeDeletionReceipt,
} from "@monotreme/storage";
import type { Counter, Logger } from "@monotreme/telemetry";
import { type AffectedBlock, findAffectedBlocks, findUnfinishedJobs } from "./affected-blocks.ts";
import { type BlockWorkOptions, endUnfinishedJobs, type Rewritten, workOnBlock } from "./block-work.ts";
import { forgetSeriesOf, forgetOldSeries } from "./forget-series.ts";
import type { DeletionMetrics } from "./metrics.ts";
import { rewriteBuckets } from "./rewrite-buckets.ts";
import { rewriteRaw } from "./rewrite-raw.ts";

export interface SweepOptions extends BlockWorkOptions {
  readonly logger: Logger;
  readonly metrics: DeletionMetrics;
}

/** What one sweep did. */
export interface SweepReport {
  /** Blocks that were written again. */
  readonly rewritten: number;
  /** Blocks that have to wait: somebody works on them, or buckets are made of their samples first. */
  readonly waiting: number;
  readonly completed: readonly string[];
}

const ALL_TIME = { fromMs: -(2 ** 53), untilMs: 2 ** 53 };
const MAX_ACTIVE = 10_000;

/**
 * Writes chunks again that hold deleted samples, without these, and notes deletions of which nothing is left. A fault of
 * one block does not keep the others; what is left over the next sweep finds again.
 */
export async function sweepDeletions(options: SweepOptions, signal: AbortSignal): Promise<SweepReport> {
  const { clickhouse, metrics } = options;
  await forgetOldSeries(clickhouse, signal);
  const receipts = await readDeletionReceipts(clickhouse, { state: "active", limit: MAX_ACTIVE, signal });
  metrics.active.set(receipts.length);
  metrics.oldestActive.set(receipts.length === 0 ? 0 : Math.min(...receipts.map(({ createdMs }) => createdMs)) / 1000);
  if (receipts.length === 0) return { rewritten: 0, waiting: 0, completed: [] };
  return new Sweep(options, receipts, signal).run();
}

class Sweep {
  readonly #options: SweepOptions;
  readonly #receipts: Map<string, DeletionReceipt>;
  readonly #signal: AbortSignal;
  /** Deletions that are not complete after this sweep. */
  readonly #unfinished = new Set<string>();
  #rewritten = 0;
  #waiting = 0;

  constructor(options: SweepOptions, receipts: readonly DeletionReceipt[], signal: AbortSignal) {
    this.#options = options;
    this.#receipts = new Map(receipts.map((receipt) => [receipt.id, receipt]));
    this.#signal = signal;
  }

  async run(): Promise<SweepReport> {
    const { clickhouse, catalog } = this.#options;
    const receipts = [...this.#receipts.values()];
    // Before it is looked for chunks, which these jobs may have written.
    for (const block of await findUnfinishedJobs(catalog, receipts, this.#signal)) {
      await this.#tolerate(block, async () => {
        if (!(await endUnfinishedJobs(this.#options, block.key, this.#signal))) this.#postpone(block);
      });
    }
    const affected = await findAffectedBlocks(clickhouse, receipts, this.#signal);
    for (const block of affected.filter(({ key }) => key.resolutionMs === RAW.resolutionMs)) {
      await this.#tolerate(block, async () => this.#rewriteRaw(block));
    }
    await this.#sweepBuckets(affected.filter(({ key }) => key.resolutionMs !== RAW.resolutionMs));
    const completed = await this.#complete();
    return { rewritten: this.#rewritten, waiting: this.#waiting, completed };
  }

  async #rewriteRaw(block: AffectedBlock): Promise<void> {
    const { clickhouse, metrics } = this.#options;
    const rewritten = await workOnBlock(this.#options, block.key, {
      signal: this.#signal,
      run: async (work) => rewriteRaw(clickhouse, work, block.deletions),
    });
    this.#count(block, rewritten, metrics.samples);
  }

  /** Where samples are left, the buckets are made of them again by whoever makes buckets. */
  async #sweepBuckets(blocks: readonly AffectedBlock[]): Promise<void> {
    if (blocks.length === 0) return;
    const { clickhouse, metrics } = this.#options;
    const snapshot = await readBlockSnapshot(clickhouse, ALL_TIME, this.#signal);
    for (const block of blocks) {
      if (this.#isRemadeSoon(block, snapshot)) {
        this.#postpone(block);
        continue;
      }
      await this.#tolerate(block, async () => {
        const { deletions } = block;
        const rewritten = await workOnBlock(this.#options, block.key, {
          signal: this.#signal,
          run: async (work) =>
            rewriteBuckets(clickhouse, work, { resolution: resolutionOf(block.key.resolutionMs), deletions }),
        });
        this.#count(block, rewritten, metrics.buckets);
      });
    }
  }

  #isRemadeSoon({ key, deletions }: AffectedBlock, snapshot: BlockSnapshot): boolean {
    const resolution = resolutionOf(key.resolutionMs);
    const ranges = deletions.flatMap((id) => this.#receipts.get(id) ?? []);
    const untilMs = key.startMs + resolution.blockMs;
    for (let windowMs = startOf(key.startMs + 1, WINDOW_MS); windowMs < untilMs; windowMs += WINDOW_MS) {
      const isReached = ranges.some((range) => range.fromMs <= windowMs + WINDOW_MS && range.untilMs > windowMs);
      if (!isReached || snapshot.rawGeneration(windowMs) === undefined) continue;
      if (!snapshot.isFresh(resolution, windowMs)) return true;
    }
    return false;
  }

  #count(block: AffectedBlock, rewritten: Rewritten | undefined, removed: Counter): void {
    if (rewritten === undefined) {
      this.#postpone(block);
      return;
    }
    this.#rewritten += 1;
    this.#options.metrics.chunks.inc(rewritten.chunks);
    removed.inc(rewritten.removed);
  }

  #postpone({ deletions }: AffectedBlock): void {
    this.#waiting += 1;
    for (const id of deletions) this.#unfinished.add(id);
  }

  async #tolerate(block: AffectedBlock, run: () => Promise<void>): Promise<void> {
    this.#signal.throwIfAborted();
    try {
      await run();
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#postpone(block);
      this.#options.metrics.failures.inc();
      const { resolutionMs, startMs } = block.key;
      const reason = messageOf(error);
      this.#options.logger.warn(
        { resolution: resolutionOf(resolutionMs).name, startMs, reason },
        "a block was not freed of deleted samples",
      );
    }
  }

  /** Only what a second look finds nothing of: a job may have written a block since the first. */
  async #complete(): Promise<readonly string[]> {
    const { clickhouse, catalog, logger, metrics } = this.#options;
    const candidates = [...this.#receipts.values()].filter(({ id }) => !this.#unfinished.has(id));
    if (candidates.length === 0) return [];
    const left = new Set<string>();
    for (const block of [
      ...(await findUnfinishedJobs(catalog, candidates, this.#signal)),
      ...(await findAffectedBlocks(clickhouse, candidates, this.#signal)),
    ]) {
      for (const id of block.deletions) left.add(id);
    }
    const completed: string[] = [];
    for (const receipt of candidates.filter(({ id }) => !left.has(id))) {
      await forgetSeriesOf(clickhouse, receipt, this.#signal);
      await writeDeletionReceipt(clickhouse, { ...receipt, state: "complete", version: receipt.version + 1 });
      completed.push(receipt.id);
      metrics.completed.inc();
      const [told = receipt] = await readDeletionReceipts(clickhouse, { id: receipt.id, signal: this.#signal });
      const { id, tenant, series, rows, samples, buckets } = told;
      logger.info({ deletion: id, tenant, series, rows, samples, buckets }, "a deletion is complete");
    }
    metrics.active.dec(completed.length);
    return completed;
  }
}
