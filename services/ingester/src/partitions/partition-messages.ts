import { BusUnavailableError } from "@monotreme/bus";
import { SAMPLES_STREAM, samplesSubject } from "@monotreme/contracts";

/** What is asked of JetStream. */
export interface StreamReader {
  getMessage(
    stream: string,
    query: { seq: number; next_by_subj?: string },
  ): Promise<{ readonly seq: number; readonly data: Uint8Array; readonly time: Date } | null>;
  deleteMessage(stream: string, sequence: number, erase: boolean): Promise<boolean>;
  info(stream: string): Promise<{
    readonly state: { readonly last_seq: number };
    readonly cluster?: { readonly leader?: string };
  }>;
}

/**
 * The messages of one partition as they lie in the stream, whoever holds them. That one is gone means that it was stored,
 * so it is said only by a server that has had it: in a cluster a new leader may answer before it has caught up.
 */
export class PartitionMessages {
  readonly #streams: StreamReader;
  readonly #subject: string;

  constructor(streams: StreamReader, partition: number) {
    this.#streams = streams;
    this.#subject = samplesSubject(partition);
  }

  /** The first one from a sequence on; undefined where none is left from there until another sequence. */
  async firstLeft(from: number, until: number): Promise<number | undefined> {
    const query = { seq: from, next_by_subj: this.#subject };
    return this.#orSurelyGone(until, async () => {
      return (await this.#streams.getMessage(SAMPLES_STREAM, query))?.seq;
    });
  }

  /** When the first one entered the stream, epoch ms; undefined where there is none. */
  async oldestAtMs(): Promise<number | undefined> {
    const query = { seq: 0, next_by_subj: this.#subject };
    return (await this.#streams.getMessage(SAMPLES_STREAM, query))?.time.getTime();
  }

  /** The body of a message; undefined where it was acknowledged. */
  async read(sequence: number): Promise<Uint8Array | undefined> {
    return this.#orSurelyGone(sequence, async () => {
      return (await this.#streams.getMessage(SAMPLES_STREAM, { seq: sequence }))?.data;
    });
  }

  /** Takes a message out of the stream, as its acknowledgement would; harmless where it is gone. */
  async remove(sequence: number): Promise<void> {
    try {
      await this.#streams.deleteMessage(SAMPLES_STREAM, sequence, false);
    } catch (error) {
      if ((await this.read(sequence)) !== undefined) throw error;
    }
  }

  /** Undefined only from a leader that has had the sequence; rejects with `BUS_UNAVAILABLE` where that is not sure. */
  async #orSurelyGone<T>(sequence: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
    const found = await ask();
    if (found !== undefined) return found;
    const leader = await this.#leaderPast(sequence);
    const foundNow = await ask();
    if (foundNow !== undefined) return foundNow;
    if ((await this.#leaderPast(sequence)) !== leader)
      throw new BusUnavailableError("another server leads the stream now");
    return undefined;
  }

  /** The server that answers for the stream, empty for one alone. */
  async #leaderPast(sequence: number): Promise<string> {
    const { state, cluster } = await this.#streams.info(SAMPLES_STREAM);
    if (state.last_seq < sequence) throw new BusUnavailableError("the stream's leader has not caught up yet");
    return cluster?.leader ?? "";
  }
}
