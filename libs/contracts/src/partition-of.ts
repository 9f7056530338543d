import type { Labels } from "@monotreme/model";

/**
 * The partition of a series: the same for all series of one target, in every process, so that what is scraped together
 * stays together (FNV-1a over tenant, job and instance). Changing `partitions` moves series; drain `SAMPLES` before.
 */
export function partitionOf(tenant: string, labels: Labels, partitions: number): number {
  if (partitions === 1) return 0;
  let hash = 0x811c9dc5;
  for (const part of [tenant, labels.get("job"), labels.get("instance")]) {
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xff, 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
