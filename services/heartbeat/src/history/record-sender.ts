import { type Bus, translateBusError } from "@monotreme/bus";
import { type MessagePart, packMessages } from "@monotreme/contracts";
import { SharedTurn } from "../shared-turn.ts";

/** Keeps one message durably; a repeat with the same id is harmless. */
export type PublishRecord = (subject: string, data: Uint8Array, messageId?: string) => Promise<unknown>;

/** A message as it goes by itself. */
export interface RecordMessage extends MessagePart {
  readonly messageId: string;
}

interface Waiting extends RecordMessage {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface RecordSenderOptions {
  readonly publish: PublishRecord;
  /** Where messages go that share one. */
  readonly packedSubject: string;
}

/** Far below what any server takes as one message. */
const PACKED_BYTES = 256 * 1024;
/** A record that is larger goes by itself. */
const PART_BYTES = 32 * 1024;

/**
 * Puts pings and flips on their way into the history: a single one under its own subject, those that come at once
 * together in one message. Holds what waits for its turn or its acknowledgement; who sends waits for that.
 */
export class RecordSender {
  readonly #options: RecordSenderOptions;
  readonly #turn: SharedTurn;
  #waiting: Waiting[] = [];

  constructor(options: RecordSenderOptions, turn: SharedTurn) {
    this.#options = options;
    this.#turn = turn;
  }

  /** Under the message's own subject, whatever else comes; resolves when it is durable. */
  async sendAlone({ subject, data, messageId }: RecordMessage): Promise<void> {
    await this.#turn.end();
    await this.#options.publish(subject, data, messageId);
  }

  /** Resolves when the record is durable. */
  async send({ subject, data, messageId }: RecordMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ subject, data, messageId, resolve, reject });
      if (this.#waiting.length === 1) void this.#turn.end().then(() => this.#sendAll());
    });
  }

  #sendAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const group of groupsOf(waiting)) void this.#sendGroup(group);
  }

  /** Never rejects. */
  async #sendGroup(group: readonly Waiting[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const { publish, packedSubject } = this.#options;
    try {
      if (group.length === 1) await publish(first.subject, first.data, first.messageId);
      else await publish(packedSubject, packMessages(group));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}

function groupsOf(waiting: readonly Waiting[]): Waiting[][] {
  const groups: Waiting[][] = [];
  let open: Waiting[] = [];
  let bytes = 0;
  for (const each of waiting) {
    if (each.data.length > PART_BYTES) {
      groups.push([each]);
      continue;
    }
    if (bytes + each.data.length > PACKED_BYTES) {
      groups.push(open);
      open = [];
      bytes = 0;
    }
    open.push(each);
    bytes += each.data.length;
  }
  return [...groups, open];
}

/** Sends over NATS. */
export function createRecordSender(bus: Bus, packedSubject: string, turn: SharedTurn = new SharedTurn()): RecordSender {
  const publish: PublishRecord = async (subject, data, messageId) => {
    try {
      await bus.publisher.publish(subject, data, messageId === undefined ? {} : { messageId });
    } catch (error) {
      throw translateBusError(error, "record pings");
    }
  };
  return new RecordSender({ publish, packedSubject }, turn);
}
