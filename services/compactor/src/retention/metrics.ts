import { Counter, Gauge, type Registry } from "@monotreme/telemetry";
import { type Kind, KINDS } from "./partitions.ts";

/** Why a partition goes. */
export const DROP_REASONS = ["age", "size"] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** The instruments of retention; classes are those of the policy. */
export interface RetentionMetrics {
  readonly droppedPartitions: Counter<"kind" | "class" | "reason">;
  readonly droppedBytes: Counter<"kind" | "class" | "reason">;
  readonly droppedRows: Counter<"kind" | "class" | "reason">;
  readonly waiting: Gauge<"kind">;
  readonly oldest: Gauge<"kind">;
  readonly totalBytes: Gauge;
  readonly maxBytes: Gauge;
  readonly runs: Counter<"result">;
  readonly lastSuccess: Gauge;
}

export function createRetentionMetrics(registry: Registry): RetentionMetrics {
  const registers = [registry];
  const labelNames = ["kind", "class", "reason"] as const;
  const waiting = new Gauge({
    name: "monotreme_retention_waiting_partitions",
    help: "Partitions that are old enough to go and stay because a coarser resolution is not made of them yet.",
    labelNames: ["kind"],
    registers,
  });
  const oldest = new Gauge({
    name: "monotreme_retention_oldest_timestamp_seconds",
    help: "Where the oldest partition that is kept begins, epoch seconds; 0 where there is none.",
    labelNames: ["kind"],
    registers,
  });
  for (const kind of KINDS) {
    waiting.set({ kind }, 0);
    oldest.set({ kind }, 0);
  }
  const runs = new Counter({
    name: "monotreme_retention_runs_total",
    help: "Times that this process looked for partitions to drop, by result.",
    labelNames: ["result"],
    registers,
  });
  for (const result of ["success", "failure"]) runs.inc({ result }, 0);
  return {
    droppedPartitions: new Counter({
      name: "monotreme_retention_dropped_partitions_total",
      help: "Partitions that were dropped, by what they held, class, and whether for their age or for the bound in bytes.",
      labelNames,
      registers,
    }),
    droppedBytes: new Counter({
      name: "monotreme_retention_dropped_bytes_total",
      help: "Bytes on disk of dropped partitions.",
      labelNames,
      registers,
    }),
    droppedRows: new Counter({
      name: "monotreme_retention_dropped_rows_total",
      help: "Rows of dropped partitions: samples, chunks, buckets' chunks, and so on.",
      labelNames,
      registers,
    }),
    waiting,
    oldest,
    totalBytes: new Gauge({
      name: "monotreme_retention_size_bytes",
      help: "Bytes on disk of all tables.",
      registers,
    }),
    maxBytes: new Gauge({
      name: "monotreme_retention_size_limit_bytes",
      help: "Bytes on disk that all tables may take; 0 = any.",
      registers,
    }),
    runs,
    lastSuccess: new Gauge({
      name: "monotreme_retention_last_success_timestamp_seconds",
      help: "When retention was last enforced without a fault by this process, epoch seconds.",
      registers,
    }),
  };
}

/** What is kept, by kind. */
export function countOldest(
  metrics: RetentionMetrics,
  partitions: readonly { readonly kind: Kind; readonly fromMs: number }[],
): void {
  for (const kind of KINDS) {
    const starts = partitions.filter((partition) => partition.kind === kind).map(({ fromMs }) => fromMs);
    metrics.oldest.set({ kind }, starts.length === 0 ? 0 : Math.min(...starts) / 1000);
  }
}
