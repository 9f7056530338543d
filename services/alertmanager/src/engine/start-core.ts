import type { AlertmanagerCore, CoreOptions } from "./alertmanager-core.ts";
import { NatsCore } from "./nats-core.ts";

/** Loads all state, takes part in the delivery at once and in the dispatching as soon as the lease is free. */
export async function startCore(options: CoreOptions): Promise<AlertmanagerCore> {
  return NatsCore.start(options);
}
