import { type Bus, translateBusError } from "@monotreme/bus";
import { decodePingRecord, flipsSubject, PINGS_STREAM, type PingRecord, pingsSubject } from "@monotreme/contracts";
import { JetStreamApiCodes, JetStreamApiError, type StoredMsg } from "@nats-io/jetstream";
import { decodeFlipRecord, type FlipRecord } from "./flip-record.ts";

/** A check that has more waiting (the store has been away for long) shows the oldest of them and the newest one. */
const MOST = 1000;

/** What the store has not taken yet: pings and flips of one check as they wait in the stream, oldest first. */
export class WaitingRecords {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async pings(checkId: string): Promise<PingRecord[]> {
    return this.#read(pingsSubject(checkId), decodePingRecord);
  }

  async flips(checkId: string): Promise<FlipRecord[]> {
    return this.#read(flipsSubject(checkId), decodeFlipRecord);
  }

  async newestPing(checkId: string): Promise<PingRecord | undefined> {
    const message = await this.#message({ last_by_subj: pingsSubject(checkId) });
    return message === undefined ? undefined : decoded(message, decodePingRecord);
  }

  async #read<T>(subject: string, decode: (data: Uint8Array) => T): Promise<T[]> {
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
    return [...messages, last].map((message) => decoded(message, decode)).filter((record) => record !== undefined);
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

type MessageQuery = { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj: string };

/** Whoever writes to the store puts what cannot be read aside, so it is left out here. */
function decoded<T>({ data }: StoredMsg, decode: (data: Uint8Array) => T): T | undefined {
  try {
    return decode(data);
  } catch {
    return undefined;
  }
}
