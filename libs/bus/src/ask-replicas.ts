import { NoRespondersError } from "@nats-io/transport-node";
import type { Bus } from "./connect-bus.ts";
import { BusUnavailableError } from "./bus-errors.ts";
import { translateBusError } from "./translate-error.ts";

export interface AskOptions {
  /** The longest that the whole question may take. */
  readonly maxWaitMs: number;
  /** Nobody has said anything for that long after the last answer: everybody has answered. */
  readonly quietMs: number;
  /** Answers beyond this many bytes are not taken any more. */
  readonly maxBytes: number;
}

export interface ReplicaAnswers {
  readonly messages: readonly Uint8Array[];
  /** Answers were left out because of `maxBytes`. */
  readonly isTruncated: boolean;
}

/**
 * Asks everybody who listens on a subject and collects what they answer; nobody listening is an empty answer. Throws
 * `BUS_UNAVAILABLE` while the connection is away.
 */
export async function askReplicas(
  bus: Bus,
  subject: string,
  question: string,
  { maxWaitMs, quietMs, maxBytes }: AskOptions,
): Promise<ReplicaAnswers> {
  if (!bus.isConnected) throw new BusUnavailableError("the connection is lost");
  const messages: Uint8Array[] = [];
  let bytes = 0;
  try {
    const strategy = { strategy: "stall", stall: quietMs, maxWait: maxWaitMs } as const;
    for await (const message of await bus.connection.requestMany(subject, question, strategy)) {
      bytes += message.data.length;
      if (bytes > maxBytes) return { messages, isTruncated: true };
      messages.push(message.data);
    }
  } catch (error) {
    if (error instanceof NoRespondersError) return { messages, isTruncated: false };
    throw translateBusError(error, `ask ${subject}`);
  }
  return { messages, isTruncated: false };
}
