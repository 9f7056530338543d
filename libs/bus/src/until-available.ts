import type { Bus } from "./connect-bus.ts";
import { translateBusError } from "./translate-error.ts";

const RETRY_MS = 500;
const GIVE_UP_MS = 120_000;

/**
 * Repeats what a process asks of JetStream while it starts, for as long as servers of a cluster are missing or elect a
 * leader; told in the log once. Gives up after two minutes with the last fault; any other fault ends it at once.
 */
export async function untilAvailable<T>(bus: Bus, doing: string, task: () => Promise<T>): Promise<T> {
  const giveUpAtMs = performance.now() + GIVE_UP_MS;
  for (let isTold = false; ; isTold = true) {
    try {
      return await task();
    } catch (error) {
      const fault = translateBusError(error, doing);
      if (fault.code !== "BUS_UNAVAILABLE" || performance.now() >= giveUpAtMs) throw fault;
      if (!isTold) bus.logger.warn({ reason: fault.message }, "waiting for JetStream");
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
