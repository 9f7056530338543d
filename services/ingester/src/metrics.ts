import { Counter, Gauge, Histogram, type Registry } from "@monotreme/telemetry";

/** How a message ended: its rows are stored, it was a repeat of one whose rows are stored, or no one could read it. */
export const MESSAGE_RESULTS = ["stored", "repeated", "dead_letter"] as const;
export const INSERT_TABLES = ["samples", "series", "metadata", "histograms", "exemplars", "starts"] as const;
export type InsertTable = (typeof INSERT_TABLES)[number];
/** What became of a plan that an earlier run left behind. */
export const PLAN_RECOVERIES = ["already_stored", "inserted_again", "unreadable"] as const;

/** What happens to a partition in one ingester. */
export const PARTITION_CHANGES = ["acquired", "handed_over", "lost", "taken", "stalled"] as const;

export type IngesterMetrics = ReturnType<typeof createIngesterMetrics>;

/** The instruments of the ingester, born with all their labels. */
export function createIngesterMetrics(registry: Registry) {
  const registers = [registry];
  const messages = new Counter({
    name: "monotreme_ingester_messages_total",
    help: "Sample batches taken from the stream, by how they ended.",
    labelNames: ["result"],
    registers,
  });
  for (const result of MESSAGE_RESULTS) messages.inc({ result }, 0);
  const rows = new Counter({
    name: "monotreme_ingester_rows_total",
    help: "Rows stored, by table.",
    labelNames: ["table"],
    registers,
  });
  const insertFailures = new Counter({
    name: "monotreme_ingester_insert_failures_total",
    help: "Inserts that failed and are tried again, by table.",
    labelNames: ["table"],
    registers,
  });
  const lostInserts = new Counter({
    name: "monotreme_ingester_lost_inserts_total",
    help: "Inserts that a killed ClickHouse remembered and whose rows it lost; they were inserted again. By table.",
    labelNames: ["table"],
    registers,
  });
  const insertSeconds = new Histogram({
    name: "monotreme_ingester_insert_duration_seconds",
    help: "Time of one insert, by table.",
    labelNames: ["table"],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registers,
  });
  for (const table of INSERT_TABLES) {
    rows.inc({ table }, 0);
    insertFailures.inc({ table }, 0);
    lostInserts.inc({ table }, 0);
    insertSeconds.zero({ table });
  }
  const planRecoveries = new Counter({
    name: "monotreme_ingester_plan_recoveries_total",
    help: "Batches that an earlier run left unfinished, by what was found.",
    labelNames: ["result"],
    registers,
  });
  for (const result of PLAN_RECOVERIES) planRecoveries.inc({ result }, 0);
  const partitionChanges = new Counter({
    name: "monotreme_ingester_partition_changes_total",
    help: "Partitions that this ingester took, handed over in order, lost, found taken by another one, or began again because nothing was delivered.",
    labelNames: ["change"],
    registers,
  });
  for (const change of PARTITION_CHANGES) partitionChanges.inc({ change }, 0);
  return {
    ...lagMetrics(registry),
    partitionChanges,
    messages,
    rows,
    insertFailures,
    lostInserts,
    insertSeconds,
    planRecoveries,
    busFailures: new Counter({
      name: "monotreme_ingester_bus_failures_total",
      help: "Plans, dead letters and late samples that could not be written to NATS and are tried again.",
      registers,
    }),
    lateStretches: new Counter({
      name: "monotreme_ingester_late_stretches_total",
      help: "Stretches of time into which batches brought late samples; kept results of queries over them are void.",
      registers,
    }),
    takeFailures: new Counter({
      name: "monotreme_ingester_take_failures_total",
      help: "Messages that met an unexpected fault and will be delivered again.",
      registers,
    }),
    heldBytes: new Gauge({
      name: "monotreme_ingester_held_bytes",
      help: "Bytes of messages that wait for their insert.",
      registers,
    }),
    batchSamples: new Histogram({
      name: "monotreme_ingester_batch_samples",
      help: "Samples and histograms of one batch.",
      buckets: [100, 1000, 10_000, 100_000, 300_000, 1_000_000],
      registers,
    }),
    storeSeconds: new Histogram({
      name: "monotreme_ingester_store_delay_seconds",
      help: "Time from the moment a message entered the stream until its rows were stored.",
      buckets: [0.1, 0.3, 0.5, 1, 2, 5, 15, 60, 600],
      registers,
    }),
    knownSeries: new Gauge({
      name: "monotreme_ingester_known_series",
      help: "Series and days remembered as indexed.",
      registers,
    }),
  };
}

/** What waits in the stream: by partition in the ingester that owns it, and the whole in every ingester. */
function lagMetrics(registry: Registry) {
  const registers = [registry];
  return {
    ownedPartitions: new Gauge({
      name: "monotreme_ingester_partitions",
      help: "Partitions of the sample stream that this ingester reads.",
      registers,
    }),
    partitionLagMessages: new Gauge({
      name: "monotreme_ingester_partition_lag_messages",
      help: "Messages of a partition that wait in the stream or for their insert, told by the ingester that reads it.",
      labelNames: ["partition"],
      registers,
    }),
    partitionLagBytes: new Gauge({
      name: "monotreme_ingester_partition_lag_bytes",
      help: "The same in bytes, from the stream's mean message size.",
      labelNames: ["partition"],
      registers,
    }),
    partitionLagSeconds: new Gauge({
      name: "monotreme_ingester_partition_lag_seconds",
      help: "Age of the partition's oldest message that is not stored yet.",
      labelNames: ["partition"],
      registers,
    }),
    backlogMessages: new Gauge({
      name: "monotreme_ingester_backlog_messages",
      help: "Messages of all partitions that wait in the stream; the same in every ingester.",
      registers,
    }),
    backlogBytes: new Gauge({
      name: "monotreme_ingester_backlog_bytes",
      help: "Bytes of all partitions that wait in the stream, the same in every ingester: the metric to scale them by.",
      registers,
    }),
  };
}
