import type { SampleBudget } from "../engine/sample-budget.ts";
import type { SampleBuckets } from "../value.ts";
import { droppedIn } from "./bucket-columns.ts";

/** Where a counter fell, in or before which of its buckets. Resets are rare: few buckets are among them. */
export class CounterDrops {
  readonly #buckets: readonly number[];
  /** What was reached before each reset inside the bucket, together. */
  readonly #inside: readonly number[];
  /** What was reached before a reset between the bucket before and this one. */
  readonly #before: readonly number[];
  #from = 0;

  constructor(buckets: readonly number[], inside: readonly number[], before: readonly number[]) {
    this.#buckets = buckets;
    this.#inside = inside;
    this.#before = before;
  }

  /** Makes up for the resets of the buckets `first … last`, which must not move back from call to call. */
  addTo(difference: number, first: number, last: number, budget: SampleBudget): number {
    let sum = difference;
    while (this.#buckets[this.#from]! < first) this.#from++;
    for (let i = this.#from; this.#buckets[i]! <= last; i++) {
      if (this.#buckets[i]! > first) sum += this.#before[i]!;
      sum += this.#inside[i]!;
      budget.work(1);
    }
    return sum;
  }
}

/** Finds the resets of a series in its buckets, none of them empty. */
export function findDrops(buckets: SampleBuckets): CounterDrops {
  const { firsts, lasts, resets } = buckets;
  const found: number[] = [];
  const inside: number[] = [];
  const before: number[] = [];
  for (let i = 0; i < firsts.length; i++) {
    const reached = i > 0 && firsts[i]! < lasts[i - 1]! ? lasts[i - 1]! : 0;
    if (reached === 0 && resets[i] === 0) continue;
    found.push(i);
    inside.push(droppedIn(buckets, i));
    before.push(reached);
  }
  return new CounterDrops(found, inside, before);
}
