import { Counter, Gauge, type Registry } from "@monotreme/telemetry";

/** The instruments of deletions. */
export interface DeletionMetrics {
  readonly active: Gauge;
  readonly oldestActive: Gauge;
  readonly completed: Counter;
  readonly chunks: Counter;
  readonly samples: Counter;
  readonly buckets: Counter;
  readonly failures: Counter;
}

export function createDeletionMetrics(registry: Registry): DeletionMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  return {
    active: gauge("monotreme_deletions_active", "Deletions of which samples are still in chunks, hidden from readers."),
    oldestActive: gauge(
      "monotreme_deletions_oldest_active_timestamp_seconds",
      "When the oldest deletion that is not complete was asked for, epoch seconds; 0 where there is none.",
    ),
    completed: counter("monotreme_deletions_completed_total", "Deletions of which nothing is left."),
    chunks: counter("monotreme_deletions_rewritten_chunks_total", "Chunks written again without deleted samples."),
    samples: counter(
      "monotreme_deletions_removed_samples_total",
      "Samples taken out of raw chunks that were written again for deletions; compactions leave deleted ones out too.",
    ),
    buckets: counter(
      "monotreme_deletions_removed_buckets_total",
      "Buckets removed whole by deletions, because their samples were gone already.",
    ),
    failures: counter("monotreme_deletions_failures_total", "Blocks that could not be freed of deleted samples."),
  };
}
