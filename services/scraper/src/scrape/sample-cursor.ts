/**
 * Walks over things that belong to samples, in the order of the samples, beside a walk over the samples themselves.
 * Several of one sample are met one by one.
 */
export class SampleCursor<T extends { readonly sample: number }> {
  readonly #items: readonly T[];
  #next = 0;

  /** Undefined over nothing, so that most scrapes ask nobody. */
  static over<T extends { readonly sample: number }>(items: readonly T[]): SampleCursor<T> | undefined {
    return items.length === 0 ? undefined : new SampleCursor(items);
  }

  constructor(items: readonly T[]) {
    this.#items = items;
  }

  /** The next item of that sample, each once; samples have to be asked for in rising order. */
  at(sample: number): T | undefined {
    const items = this.#items;
    while (this.#next < items.length && (items[this.#next]?.sample ?? 0) < sample) this.#next++;
    const item = items[this.#next];
    if (item === undefined || item.sample !== sample) return undefined;
    this.#next++;
    return item;
  }
}
