import { type Bus, translateBusError } from "@monotreme/bus";
import {
  decodePingRecord,
  flipsSubject,
  type MessagePart,
  PACKED_FLIPS_SUBJECT,
  PACKED_PINGS_SUBJECT,
  PINGS_STREAM,
  type PingRecord,
  pingsSubject,
  unpackMessages,
} from "@monotreme/contracts";
import { JetStreamApiCodes, JetStreamApiError, type StoredMsg, type StreamInfo } from "@nats-io/jetstream";
import { decodeFlipRecord, type FlipRecord } from "./flip-record.ts";

/** A check that has more waiting (the store has been away for long) shows the oldest of them and the newest one. */
const MOST = 1000;
/** Packed messages are looked for among so many messages, the newest: those of some seconds under full load. */
const MOST_PACKED = 1000;
const READ_AT_ONCE = 16;

/** What the store has not taken yet: pings and flips of one check as they wait in the stream, oldest first. */
export class WaitingRecords {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async pings(checkId: string): Promise<PingRecord[]> {
    const pings = await this.#read(pingsSubject(checkId), PACKED_PINGS_SUBJECT, decodePingRecord);
    return pings.toSorted((a, b) => a.number - b.number);
  }

  async flips(checkId: string): Promise<FlipRecord[]> {
    const flips = await this.#read(flipsSubject(checkId), PACKED_FLIPS_SUBJECT, decodeFlipRecord);
    return flips.toSorted((a, b) => a.atMs - b.atMs);
  }

  /** The newest one that did not come packed; every ping that made a flip comes so. */
  async newestPing(checkId: string): Promise<PingRecord | undefined> {
    const message = await this.#message({ last_by_subj: pingsSubject(checkId) });
    return message === undefined ? undefined : decoded(message.data, decodePingRecord);
  }

  async #read<T>(subject: string, packedSubject: string, decode: (data: Uint8Array) => T): Promise<T[]> {
    const [single, packed] = await Promise.all([this.#single(subject), this.#packed(subject, packedSubject)]);
    return [...single, ...packed].map(({ data }) => decoded(data, decode)).filter((record) => record !== undefined);
  }

  /** Under the subject itself. */
  async #single(subject: string): Promise<StoredMsg[]> {
    const last = await this.#message({ last_by_subj: subject });
    if (last === undefined) return [];
    const messages: StoredMsg[] = [];
    let sequence = 1;
    while (messages.length < MOST) {
      const message = await this.#message({ seq: sequence, next_by_subj: subject });
      if (message === undefined || message.seq >= last.seq) break;
      messages.push(message);
      sequence = message.seq + 1;
    }
    return [...messages, last];
  }

  /** Parts of packed messages, oldest first; there are such only where many come within milliseconds. */
  async #packed(subject: string, packedSubject: string): Promise<MessagePart[]> {
    const last = await this.#message({ last_by_subj: packedSubject });
    if (last === undefined) return [];
    const { state } = await this.#info();
    const first = Math.max(state.first_seq, last.seq - MOST_PACKED + 1);
    const parts: MessagePart[] = [];
    for (let from = first; from <= last.seq; from += READ_AT_ONCE) {
      const count = Math.min(READ_AT_ONCE, last.seq - from + 1);
      const messages = await Promise.all(
        Array.from({ length: count }, async (_, i) => this.#message({ seq: from + i })),
      );
      for (const message of messages) {
        if (message?.subject === packedSubject) parts.push(...partsOf(message, subject));
      }
    }
    return parts;
  }

  async #info(): Promise<StreamInfo> {
    try {
      return await this.#bus.manager.streams.info(PINGS_STREAM);
    } catch (error) {
      throw translateBusError(error, "read what waits for the history");
    }
  }

  async #message(query: MessageQuery): Promise<StoredMsg | undefined> {
    try {
      return (await this.#bus.manager.streams.getMessage(PINGS_STREAM, query)) ?? undefined;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.NoMessageFound) return undefined;
      throw translateBusError(error, "read what waits for the history");
    }
  }
}

type MessageQuery = { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj?: string };

/** Of a packed message those that are the subject's; what cannot be read is put aside by whoever writes to the store. */
function partsOf({ data }: StoredMsg, subject: string): MessagePart[] {
  return (decoded(data, unpackMessages) ?? []).filter((part) => part.subject === subject);
}

/** Whoever writes to the store puts what cannot be read aside, so it is left out here. */
function decoded<T>(data: Uint8Array, decode: (data: Uint8Array) => T): T | undefined {
  try {
    return decode(data);
  } catch {
    return undefined;
  }
}
