import { startOf, WINDOW_MS } from "@monotreme/blocks";
import { type ClickHouse, quoteIdentifier } from "@monotreme/clickhouse";
import type { RetentionPolicy } from "@monotreme/retention";
import { type BlockCatalog, type BlockHistory, blockHistories, readBlockSnapshot } from "@monotreme/storage";
import type { Logger } from "@monotreme/telemetry";
import { countOldest, type DropReason, type RetentionMetrics } from "./metrics.ts";
import { type Partition, quotePartitionId, readPartitions, readTotalBytes, resolutionOfKind } from "./partitions.ts";
import { planRetention, planSizeBound, type WaitingPartition } from "./plan-retention.ts";

export interface RetentionOptions {
  readonly clickhouse: ClickHouse;
  readonly catalog: BlockCatalog;
  readonly logger: Logger;
  readonly metrics: RetentionMetrics;
  /** How long exemplars are kept. */
  readonly exemplarsMs: number;
}

export interface RetentionRun {
  readonly policy: RetentionPolicy;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** What one run did. */
export interface RetentionReport {
  readonly dropped: readonly Partition[];
  readonly waiting: readonly WaitingPartition[];
}

const ALL_TIME = { fromMs: -(2 ** 53), untilMs: 2 ** 53 };

/**
 * Drops the partitions that the policy gives up, then the oldest while all tables take more than they may. Nothing is
 * scanned. May run beside everything else, and again at any time; a run that was cut short is completed by the next.
 */
export async function enforceRetention(options: RetentionOptions, run: RetentionRun): Promise<RetentionReport> {
  const { clickhouse, metrics } = options;
  const { policy, nowMs, signal } = run;
  const [partitions, snapshot] = await Promise.all([
    readPartitions(clickhouse, signal),
    readBlockSnapshot(clickhouse, ALL_TIME, signal),
  ]);
  const plan = planRetention(partitions, { policy, nowMs, exemplarsMs: options.exemplarsMs }, snapshot);
  const waiting = [...plan.waiting];
  const dropper = new PartitionDropper(options, partitions, signal);
  for (const partition of inOrder(plan.expired)) {
    const reason = await dropper.drop(partition, "age");
    if (reason !== undefined) waiting.push({ partition, reason });
  }
  await dropForSize(options, run, dropper);
  tellWaiting(options, waiting);
  countOldest(metrics, dropper.kept);
  return { dropped: dropper.dropped, waiting };
}

async function dropForSize(
  { clickhouse, logger, metrics }: RetentionOptions,
  { policy, nowMs, signal }: RetentionRun,
  dropper: PartitionDropper,
): Promise<void> {
  const totalBytes = await readTotalBytes(clickhouse, signal);
  metrics.totalBytes.set(totalBytes);
  metrics.maxBytes.set(policy.maxSizeBytes ?? 0);
  if (policy.maxSizeBytes === undefined || totalBytes <= policy.maxSizeBytes) return;
  const chosen = planSizeBound(dropper.kept, { totalBytes, maxBytes: policy.maxSizeBytes, nowMs });
  logger.warn({ bytes: totalBytes, max: policy.maxSizeBytes, partitions: chosen.length }, "tables take too much space");
  for (const partition of chosen) await dropper.drop(partition, "size");
  metrics.totalBytes.set(await readTotalBytes(clickhouse, signal));
}

/** Rows first, because what is left of them tells whether coarser resolutions are complete. */
function inOrder(partitions: readonly Partition[]): readonly Partition[] {
  return partitions.toSorted((a, b) => Number(b.kind === "rows") - Number(a.kind === "rows") || a.untilMs - b.untilMs);
}

function tellWaiting({ logger, metrics }: RetentionOptions, waiting: readonly WaitingPartition[]): void {
  metrics.waiting.reset();
  for (const { partition } of waiting) metrics.waiting.inc({ kind: partition.kind });
  const [first] = waiting;
  if (first === undefined) return;
  const { kind, className, untilMs } = first.partition;
  const details = { kind, class: className, until: new Date(untilMs).toISOString(), reason: first.reason };
  logger.info({ partitions: waiting.length, ...details }, "partitions are beyond their time and wait");
}

/** Drops partitions one by one and notes blocks of which nothing is left; keeps count of what is still there. */
class PartitionDropper {
  readonly dropped: Partition[] = [];
  readonly #options: RetentionOptions;
  readonly #kept: Set<Partition>;
  readonly #signal: AbortSignal;

  constructor(options: RetentionOptions, partitions: readonly Partition[], signal: AbortSignal) {
    this.#options = options;
    this.#kept = new Set(partitions);
    this.#signal = signal;
  }

  get kept(): readonly Partition[] {
    return [...this.#kept];
  }

  /** Drops a partition, or says why it has to stay for now. */
  async drop(partition: Partition, reason: DropReason): Promise<WaitingPartition["reason"] | undefined> {
    this.#signal.throwIfAborted();
    const { clickhouse, logger, metrics } = this.#options;
    const { table, id, kind, className, rows, bytes, fromMs, untilMs } = partition;
    if (this.#isLastOfItsTime(partition) && !(await this.#noteDropped(partition, reason))) {
      return "rows are not folded in";
    }
    await clickhouse.command(`ALTER TABLE ${quoteIdentifier(table)} DROP PARTITION ID ${quotePartitionId(id)}`, {
      signal: this.#signal,
    });
    this.#kept.delete(partition);
    this.dropped.push(partition);
    const labels = { kind, class: className, reason };
    metrics.droppedPartitions.inc(labels);
    metrics.droppedBytes.inc(labels, bytes);
    metrics.droppedRows.inc(labels, rows);
    const span = { from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
    logger.info({ ...labels, ...span, rows, bytes }, "dropped a partition");
    return undefined;
  }

  /** Chunks of other classes keep the blocks of that time alive. */
  #isLastOfItsTime({ kind, fromMs, id }: Partition): boolean {
    if (resolutionOfKind(kind) === undefined) return false;
    return !this.kept.some((other) => other.kind === kind && other.fromMs === fromMs && other.id !== id);
  }

  /**
   * Before the chunks are gone, so that readers turn to buckets in time. A raw block whose rows are not removed yet is
   * at work: it stays until it is done.
   */
  async #noteDropped({ kind, fromMs, untilMs }: Partition, reason: DropReason): Promise<boolean> {
    const { catalog } = this.#options;
    const resolution = resolutionOfKind(kind);
    if (resolution === undefined) return true;
    const records = await catalog.read({
      startsFromMs: startOf(fromMs + 1, WINDOW_MS),
      startsUntilMs: untilMs - 1,
      signal: this.#signal,
    });
    const ofKind = records.filter(({ resolutionMs }) => resolutionMs === resolution.resolutionMs);
    const histories = [...blockHistories(ofKind).values()];
    const nowMs = Date.now();
    if (reason === "age" && kind === "raw" && histories.some((history) => isAtWork(history, nowMs))) return false;
    for (const { current } of histories) if (current !== undefined) await catalog.drop(current, `retention: ${reason}`);
    return true;
  }
}

/** A job that has not ended after so long was killed. */
const LONGEST_JOB_MS = 3_600_000;

function isAtWork({ current, latest }: BlockHistory, nowMs: number): boolean {
  if ((current?.inputs.length ?? 0) > 0) return true;
  return latest.state === "building" && latest.reason === "" && latest.updatedMs > nowMs - LONGEST_JOB_MS;
}
