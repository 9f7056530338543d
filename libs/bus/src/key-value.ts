import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import { Kvm, type KV } from "@nats-io/kv";
import type { Bus } from "./connect-bus.ts";
import { translateBusError } from "./translate-error.ts";
import { untilAvailable } from "./until-available.ts";

export interface BucketOptions {
  /** Keys are forgotten after that long; not given: never. */
  readonly ttlMs?: number;
}

/** Opens a JetStream key-value bucket, creating it where it does not exist; one value of history a key. */
export async function openBucket(bus: Bus, name: string, replicas: number, { ttlMs }: BucketOptions = {}): Promise<KV> {
  return untilAvailable(bus, `open bucket ${name}`, async () =>
    new Kvm(bus.connection).create(name, { history: 1, replicas, ...(ttlMs !== undefined && { ttl: ttlMs }) }),
  );
}

/** Opens a bucket that another process makes; undefined where it does not exist yet. */
export async function openExistingBucket(bus: Bus, name: string): Promise<KV | undefined> {
  try {
    await bus.manager.streams.info(bucketStream(name));
    return await new Kvm(bus.connection).open(name);
  } catch (error) {
    const isMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
    if (isMissing) return undefined;
    throw translateBusError(error, `open bucket ${name}`);
  }
}

/** The stream that holds a bucket's keys. */
export function bucketStream(name: string): string {
  return `KV_${name}`;
}
