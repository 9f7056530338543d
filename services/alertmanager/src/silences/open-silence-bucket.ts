import { type Bus, openVersionedBucket, type VersionedBucket } from "@monotreme/bus";

/**
 * The bucket of all replicas; the key is the silence's id. Silences are removed without a trace: a marker for every
 * silence there ever was would stay, and each replica forgets them by its own clock.
 */
export async function openSilenceBucket(bus: Bus, replicas: number): Promise<VersionedBucket> {
  return openVersionedBucket(bus, "silences", replicas, { isRemovalTraceless: true });
}
