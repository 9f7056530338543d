import { AppError, messageOf } from "@monotreme/errors";
import { JetStreamApiError } from "@nats-io/jetstream";
import { BusFullError, BusRefusedError, BusUnavailableError } from "./bus-errors.ts";

/** JetStream's answers when a stream's or the server's storage is used up (nats-server `errors.json`). */
const FULL_CODES: ReadonlySet<number> = new Set([10023, 10028, 10047, 10077]);

/** JetStream's answers while it has no leader, too few servers for the copies, or is starting: trying again helps. */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([10005, 10008, 10009, 10039, 10074, 10076, 10118]);

/** One of our errors from whatever the NATS client threw. */
export function translateBusError(thrown: unknown, doing: string): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof JetStreamApiError) {
    if (FULL_CODES.has(thrown.code))
      return new BusFullError(`the stream is full (${doing}: ${thrown.message})`, thrown);
    if (TRANSIENT_CODES.has(thrown.code)) return new BusUnavailableError(`${doing}: ${thrown.message}`, thrown);
    return new BusRefusedError(`${doing}: ${thrown.message}`, thrown);
  }
  // Time-outs, lost connections, no responders: all of them mean that the answer is unknown or was never given.
  return new BusUnavailableError(`${doing}: ${messageOf(thrown)}`, thrown);
}
