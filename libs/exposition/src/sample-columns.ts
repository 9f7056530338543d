import { NORMAL_NAN_HIGH, NORMAL_NAN_LOW, wordsOf } from "@monotreme/model";

const SMALLEST_CAPACITY = 64;

/** The columns of one target's samples, filled anew by every scrape. */
export class SampleColumns {
  slots = new Int32Array(SMALLEST_CAPACITY);
  values = new Float64Array(SMALLEST_CAPACITY);
  timestamps = new Float64Array(SMALLEST_CAPACITY);
  hasTimestamps = false;
  #words = wordsOf(this.values);

  /** Stores a value; any NaN with the bits of Prometheus' normal NaN. */
  setValue(at: number, value: number): void {
    this.values[at] = value;
    if (Number.isNaN(value)) {
      this.#words[at * 2] = NORMAL_NAN_LOW;
      this.#words[at * 2 + 1] = NORMAL_NAN_HIGH;
    }
  }

  /** Makes room for that many samples in all. */
  reserve(capacity: number): void {
    if (capacity > this.values.length) this.#resize(Math.max(capacity, this.values.length * 2));
  }

  /** Gives back memory where the last scrape needed much less. */
  shrinkTo(count: number): void {
    const needed = Math.max(SMALLEST_CAPACITY, count);
    if (this.values.length > needed * 4) this.#resize(needed);
  }

  #resize(capacity: number): void {
    const { slots, timestamps } = this;
    const words = this.#words;
    this.slots = new Int32Array(capacity);
    this.slots.set(slots.subarray(0, capacity));
    this.values = new Float64Array(capacity);
    this.#words = wordsOf(this.values);
    this.#words.set(words.subarray(0, capacity * 2));
    this.timestamps = new Float64Array(capacity);
    this.timestamps.set(timestamps.subarray(0, capacity));
  }
}
