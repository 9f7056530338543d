import type { Clock } from "@monotreme/clock";

export const WATERMARK_OUTCOMES = ["complete", "late", "unavailable"] as const;
export type WatermarkOutcome = (typeof WATERMARK_OUTCOMES)[number];

/** How far the sample stream is published and how far it is stored. */
export interface StreamProgress {
  /** The sequence of the last message that was published. */
  readonly lastSequence: number;
  /** Everything before this sequence is stored; above `lastSequence` where nothing waits. */
  readonly firstWaiting: number;
}

export interface IngestWatermarkOptions {
  readonly readProgress: () => Promise<StreamProgress>;
  /** How long an evaluation waits at most. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

const POLL_MS = 25;

/**
 * Tells when everything that was published up to now is stored, so that rules see complete data. One question to the
 * server serves all who wait.
 */
export class IngestWatermark {
  readonly #options: IngestWatermarkOptions;
  #reading: Promise<StreamProgress> | undefined;

  constructor(options: IngestWatermarkOptions) {
    this.#options = options;
  }

  /** Never rejects: whoever waits goes on in any case, knowing what it has. */
  async wait(): Promise<WatermarkOutcome> {
    const { maxWaitMs, clock } = this.#options;
    if (maxWaitMs === 0) return "complete";
    let cancel: () => void = () => undefined;
    let outcome: WatermarkOutcome = "unavailable";
    const late = new Promise<WatermarkOutcome>((resolve) => {
      cancel = clock.after(maxWaitMs, () => resolve(outcome));
    });
    const follow = async (): Promise<WatermarkOutcome> => {
      const { lastSequence, firstWaiting } = await this.#read();
      outcome = "late";
      let stored = firstWaiting;
      const untilMs = clock.now() + maxWaitMs;
      while (stored <= lastSequence && clock.now() < untilMs) {
        await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
        ({ firstWaiting: stored } = await this.#read());
      }
      return stored > lastSequence ? "complete" : "late";
    };
    const following = follow().catch(() => "unavailable" as const);
    return Promise.race([following, late]).finally(cancel);
  }

  /** A question that began before may miss what was published since: each waiter needs one that begins after. */
  async #read(): Promise<StreamProgress> {
    const before = this.#reading;
    if (before !== undefined) {
      await before.catch(() => undefined);
      if (this.#reading !== undefined && this.#reading !== before) return this.#reading;
    }
    const reading = this.#options.readProgress();
    this.#reading = reading;
    try {
      return await reading;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }
}
