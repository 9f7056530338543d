import { MOVED_KINDS } from "@monotreme/retention";
import { Counter, type Registry } from "@monotreme/telemetry";

/** The instruments of moving partitions between volumes. */
export interface TieringMetrics {
  readonly partitions: Counter<"kind">;
  readonly bytes: Counter<"kind">;
}

export function createTieringMetrics(registry: Registry): TieringMetrics {
  const registers = [registry];
  const partitions = new Counter({
    name: "monotreme_tiering_moved_partitions_total",
    help: "Partitions that were moved to another volume for their age, by what they hold.",
    labelNames: ["kind"],
    registers,
  });
  const bytes = new Counter({
    name: "monotreme_tiering_moved_bytes_total",
    help: "Bytes on disk of partitions that were moved to another volume.",
    labelNames: ["kind"],
    registers,
  });
  for (const kind of MOVED_KINDS) {
    partitions.inc({ kind }, 0);
    bytes.inc({ kind }, 0);
  }
  return { partitions, bytes };
}
