import { Kvm, type KV } from "@nats-io/kv";
import type { Bus } from "./connect-bus.ts";
import { translateBusError } from "./translate-error.ts";

/** Opens a JetStream key-value bucket, creating it where it does not exist; one value of history a key. */
export async function openBucket(bus: Bus, name: string, replicas: number): Promise<KV> {
  try {
    return await new Kvm(bus.connection).create(name, { history: 1, replicas });
  } catch (error) {
    throw translateBusError(error, `open bucket ${name}`);
  }
}
