import { QueryStoppedError, stoppedErrorOf, TooManySamplesError } from "./query-error.ts";

/** Points of work between two looks at the signal and the clock. */
const WORK_BETWEEN_CHECKS = 65_536;

/** Columns are as long as the grid even where few steps have samples, so cells may outnumber samples by this much. */
const CELLS_PER_SAMPLE = 4;

export interface SampleBudgetLimits {
  readonly maxSamples: number;
  readonly signal?: AbortSignal | undefined;
  /** Epoch ms at which the query has run too long. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Counts what one query holds in memory and stops it: throws `TooManySamplesError` when more than `maxSamples` samples
 * (or four times as many column cells) are held at once, `QueryStoppedError` when the signal is aborted or the
 * deadline has passed. Not shared between queries.
 */
export class SampleBudget {
  readonly #limits: SampleBudgetLimits;
  #held = 0;
  #peak = 0;
  #cells = 0;
  #workSinceCheck = 0;

  constructor(limits: SampleBudgetLimits) {
    this.#limits = limits;
  }

  get peakSamples(): number {
    return this.#peak;
  }

  /** Counts samples that are held from now on. */
  hold(samples: number): void {
    this.#held += samples;
    if (this.#held > this.#limits.maxSamples) throw new TooManySamplesError();
    if (this.#held > this.#peak) this.#peak = this.#held;
  }

  release(samples: number): void {
    this.#held -= samples;
  }

  /** Counts the cells of columns about to be allocated, before the memory is taken. */
  holdCells(cells: number): void {
    this.#cells += cells;
    if (this.#cells > this.#limits.maxSamples * CELLS_PER_SAMPLE) throw new TooManySamplesError();
  }

  releaseCells(cells: number): void {
    this.#cells -= cells;
  }

  /** Reports work done; looks at the signal and the clock now and then. */
  work(points: number): void {
    this.#workSinceCheck += points + 1;
    if (this.#workSinceCheck >= WORK_BETWEEN_CHECKS) this.checkStopped();
  }

  /** For long loops over one column: reports the work now and then by the loop's index. */
  workAt(index: number): void {
    if ((index & (WORK_BETWEEN_CHECKS - 1)) === WORK_BETWEEN_CHECKS - 1) this.work(WORK_BETWEEN_CHECKS);
  }

  checkStopped(): void {
    this.#workSinceCheck = 0;
    const { signal, deadlineMs } = this.#limits;
    if (signal?.aborted === true) throw stoppedErrorOf(signal);
    if (deadlineMs !== undefined && Date.now() > deadlineMs) throw new QueryStoppedError("timeout");
  }
}
