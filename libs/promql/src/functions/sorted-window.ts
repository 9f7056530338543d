import { interpolatedRank } from "./quantile.ts";

/** From so many new samples on, and more than half of the window, sorting anew is cheaper than inserting. */
const MIN_SORTED_ANEW = 16;

/** The samples of a window in order, kept so while it slides over one series; NaN counts as the smallest. */
export class SortedWindow {
  readonly #values: Float64Array;
  #sorted = new Float64Array(64);
  #size = 0;
  #nanCount = 0;
  #low = 0;
  #high = 0;

  constructor(values: Float64Array) {
    this.#values = values;
  }

  /** Moves to the samples `low ≤ index < high`, neither before where it was; returns how much work that was. */
  moveTo(low: number, high: number): number {
    const added = high - Math.max(this.#high, low);
    const removed = Math.min(low, this.#high) - this.#low;
    const isNew = added > MIN_SORTED_ANEW && added * 2 > high - low;
    if (isNew || removed * 2 > this.#size + this.#nanCount) {
      this.#fill(low, high);
      return (high - low) * 4;
    }
    for (let i = this.#low; i < Math.min(low, this.#high); i++) this.#remove(this.#values[i]!);
    for (let i = Math.max(this.#high, low); i < high; i++) this.#insert(this.#values[i]!);
    this.#low = low;
    this.#high = high;
    // Moving the rest of the window by one is far cheaper than a sample each, but not free.
    return (added + removed) * (1 + (this.#size >> 4));
  }

  /** The φ-quantile, for 0 ≤ φ ≤ 1; the window must not be empty. */
  quantile(phi: number): number {
    return interpolatedRank(phi, this.#size + this.#nanCount, (rank) =>
      rank < this.#nanCount ? Number.NaN : this.#sorted[rank - this.#nanCount]!,
    );
  }

  /** The median absolute deviation from the median; NaN where any sample is. */
  medianDeviation(): number {
    if (this.#nanCount > 0) return Number.NaN;
    const sorted = this.#sorted;
    const size = this.#size;
    const median = this.quantile(0.5);
    // An infinite median has no distance to the others that are infinite, half of them or more.
    if (!Number.isFinite(median)) return Number.NaN;
    // From the median outwards deviations only grow, so the two halves are already sorted.
    let left = (size - 1) >> 1;
    let right = left + 1;
    let [deviation, before] = [0, 0];
    for (let rank = 0; rank <= size >> 1; rank++) {
      before = deviation;
      const takesLeft = left >= 0 && (right >= size || median - sorted[left]! <= sorted[right]! - median);
      deviation = takesLeft ? median - sorted[left--]! : sorted[right++]! - median;
    }
    return size % 2 === 1 ? deviation : before * 0.5 + deviation * 0.5;
  }

  #fill(low: number, high: number): void {
    this.#low = low;
    this.#high = high;
    this.#size = 0;
    this.#nanCount = 0;
    this.#reserve(high - low);
    for (let i = low; i < high; i++) {
      const value = this.#values[i]!;
      if (value !== value) this.#nanCount++;
      else this.#sorted[this.#size++] = value;
    }
    this.#sorted.subarray(0, this.#size).sort();
  }

  #insert(value: number): void {
    if (value !== value) {
      this.#nanCount++;
      return;
    }
    this.#reserve(this.#size + 1);
    const at = this.#rankOf(value);
    this.#sorted.copyWithin(at + 1, at, this.#size++);
    this.#sorted[at] = value;
  }

  #remove(value: number): void {
    if (value !== value) {
      this.#nanCount--;
      return;
    }
    const at = this.#rankOf(value);
    this.#sorted.copyWithin(at, at + 1, this.#size--);
  }

  /** How many values are smaller. */
  #rankOf(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #reserve(size: number): void {
    if (size <= this.#sorted.length) return;
    const larger = new Float64Array(size * 2);
    larger.set(this.#sorted.subarray(0, this.#size));
    this.#sorted = larger;
  }
}
