import { hintAfter } from "@monotreme/model";
import { isSameSeries, type StoredHistogram } from "@monotreme/storage";

/**
 * Leaves of histograms that come by series and in time order those that rates over whole buckets need: of each bucket
 * `(end − resolution, end]` the first and the last, and both sides of whatever may be a reset. It holds one histogram.
 */
export class HistogramThinner {
  readonly #resolutionMs: number;
  #last: StoredHistogram | undefined;
  #isLastOut = false;

  constructor(resolutionMs: number) {
    this.#resolutionMs = resolutionMs;
  }

  /** What is known to stay, now that this one has come: those before it, and perhaps itself. */
  add(next: StoredHistogram): readonly StoredHistogram[] {
    const last = this.#last;
    const isBorder = last === undefined || !isSameSeries(last, next) || this.#endOf(last) !== this.#endOf(next);
    const isKept = isBorder || mayBeReset(last, next);
    const kept = isKept && last !== undefined && !this.#isLastOut ? [last] : [];
    this.#last = next;
    this.#isLastOut = isKept;
    return isKept ? [...kept, next] : kept;
  }

  /** The last one of all, where it was not given out yet. */
  finish(): readonly StoredHistogram[] {
    const rest = this.#last === undefined || this.#isLastOut ? [] : [this.#last];
    this.#last = undefined;
    this.#isLastOut = false;
    return rest;
  }

  #endOf({ timestampMs }: StoredHistogram): number {
    return Math.ceil(timestampMs / this.#resolutionMs);
  }
}

/** A gauge has no resets. */
function mayBeReset({ histogram: before }: StoredHistogram, { histogram }: StoredHistogram): boolean {
  const hint = hintAfter(before, histogram);
  return hint !== "not-reset" && !(hint === "gauge" && before.counterResetHint === "gauge");
}
