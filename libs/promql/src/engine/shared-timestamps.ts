/** Steps that are remembered for all columns together: 4 or 8 MB. */
const MAX_STEPS = 1_048_576;

/**
 * What is worked out once for a column of timestamps, a value or two a step, and holds for all series that share the
 * column: those that were scraped together do. Columns are told apart by identity; of more than fit, the oldest is
 * forgotten.
 */
export class SharedTimestamps<Result> {
  readonly #maxColumns: number;
  readonly #create: () => Result;
  readonly #fill: (timestamps: Float64Array, result: Result) => void;
  readonly #known = new Map<Float64Array, Result>();

  constructor(
    steps: number,
    create: () => Result,
    fill: (timestamps: Float64Array, result: Result) => void,
    maxSteps = MAX_STEPS,
  ) {
    this.#maxColumns = Math.max(1, Math.floor(maxSteps / Math.max(1, steps)));
    this.#create = create;
    this.#fill = fill;
  }

  /** Valid until the next call, which may fill the same result anew. */
  of(timestamps: Float64Array): Result {
    const known = this.#known.get(timestamps);
    if (known !== undefined) return known;
    const result = this.#known.size < this.#maxColumns ? this.#create() : this.#takeOldest();
    this.#fill(timestamps, result);
    this.#known.set(timestamps, result);
    return result;
  }

  #takeOldest(): Result {
    for (const [timestamps, result] of this.#known) {
      this.#known.delete(timestamps);
      return result;
    }
    return this.#create();
  }
}
