/** Steps that are remembered for all columns together: 4 or 8 MB. */
const MAX_STEPS = 1_048_576;

export interface SharedTimestampsOptions<Result> {
  /** The columns that will be asked for, each as often as here. */
  readonly columns: Iterable<Float64Array>;
  readonly steps: number;
  readonly create: () => Result;
  readonly fill: (timestamps: Float64Array, result: Result) => void;
  readonly maxSteps?: number;
}

/**
 * What is worked out once for a column of timestamps, a value or two a step, and holds for all series that share the
 * column: those that were scraped together do. Columns are told apart by identity, and forgotten after their last series.
 */
export class SharedTimestamps<Result> {
  readonly #options: SharedTimestampsOptions<Result>;
  readonly #maxColumns: number;
  readonly #uses = new Map<Float64Array, number>();
  readonly #known = new Map<Float64Array, Result>();
  /** Results that nobody needs any more. */
  readonly #free: Result[] = [];

  constructor(options: SharedTimestampsOptions<Result>) {
    const { columns, steps, maxSteps = MAX_STEPS } = options;
    this.#options = options;
    this.#maxColumns = Math.floor(maxSteps / Math.max(1, steps));
    for (const column of columns) this.#uses.set(column, (this.#uses.get(column) ?? 0) + 1);
  }

  /** Valid until the next call, which may fill the same result anew. */
  of(timestamps: Float64Array): Result {
    const usesLeft = (this.#uses.get(timestamps) ?? 1) - 1;
    this.#uses.set(timestamps, usesLeft);
    const known = this.#known.get(timestamps);
    const result = known ?? this.#fill(timestamps);
    if (usesLeft > 0 && known === undefined && this.#known.size < this.#maxColumns) this.#known.set(timestamps, result);
    else if (known === undefined) this.#free.push(result);
    else if (usesLeft === 0) {
      this.#known.delete(timestamps);
      this.#free.push(result);
    }
    return result;
  }

  #fill(timestamps: Float64Array): Result {
    const result = this.#free.pop() ?? this.#options.create();
    this.#options.fill(timestamps, result);
    return result;
  }
}
