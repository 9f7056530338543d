import { DEADLETTER_HEADERS, deadletterSubject } from "@monotreme/contracts";
import { headers } from "@nats-io/transport-node";
import type { Bus } from "./connect-bus.ts";
import { translateBusError } from "./translate-error.ts";

export interface DeadLetter {
  readonly stream: string;
  readonly subject: string;
  readonly sequence: number;
  readonly reason: string;
  readonly data: Uint8Array;
}

/** Puts a message that no one can read aside, with why; resolves when JetStream has it. Repeats are harmless. */
export async function publishDeadLetter(bus: Bus, letter: DeadLetter): Promise<void> {
  const messageHeaders = headers();
  messageHeaders.set(DEADLETTER_HEADERS.reason, letter.reason.replaceAll(/[\r\n]+/g, " ").slice(0, 1000));
  messageHeaders.set(DEADLETTER_HEADERS.subject, letter.subject);
  messageHeaders.set(DEADLETTER_HEADERS.sequence, String(letter.sequence));
  try {
    await bus.jetstream.publish(deadletterSubject(letter.stream), letter.data, {
      headers: messageHeaders,
      msgID: `${letter.stream}/${letter.sequence}`,
      retries: 3,
    });
  } catch (error) {
    throw translateBusError(error, "publish a dead letter");
  }
  bus.metrics.deadLetters.inc({ stream: letter.stream });
}
