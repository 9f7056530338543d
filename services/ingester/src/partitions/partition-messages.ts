import type { Bus } from "@monotreme/bus";
import { SAMPLES_STREAM, samplesSubject } from "@monotreme/contracts";

/** The messages of one partition as they lie in the stream, whoever holds them. */
export class PartitionMessages {
  readonly #bus: Bus;
  readonly #subject: string;

  constructor(bus: Bus, partition: number) {
    this.#bus = bus;
    this.#subject = samplesSubject(partition);
  }

  /** The first one at this sequence or after it; undefined where there is none. */
  async firstLeft(sequence: number): Promise<number | undefined> {
    const query = { seq: sequence, next_by_subj: this.#subject };
    return (await this.#bus.manager.streams.getMessage(SAMPLES_STREAM, query))?.seq;
  }

  /** When the first one entered the stream, epoch ms; undefined where there is none. */
  async oldestAtMs(): Promise<number | undefined> {
    const query = { seq: 0, next_by_subj: this.#subject };
    return (await this.#bus.manager.streams.getMessage(SAMPLES_STREAM, query))?.time.getTime();
  }

  /** The body of a message; undefined where it was acknowledged. */
  async read(sequence: number): Promise<Uint8Array | undefined> {
    return (await this.#bus.manager.streams.getMessage(SAMPLES_STREAM, { seq: sequence }))?.data;
  }

  /** Takes a message out of the stream, as its acknowledgement would; harmless where it is gone. */
  async remove(sequence: number): Promise<void> {
    try {
      await this.#bus.manager.streams.deleteMessage(SAMPLES_STREAM, sequence, false);
    } catch (error) {
      if ((await this.read(sequence)) !== undefined) throw error;
    }
  }
}
