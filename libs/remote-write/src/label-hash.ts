import { randomFillSync } from "node:crypto";

/** Odd constants with well spread bits: each lane multiplies by its own. */
const LANE_LOW = 0x9e3779b1;
const LANE_HIGH = 0x85ebca77;

/** The starting state of both 32-bit lanes; secret and random, so that nobody can choose bytes that collide. */
export interface LabelHashSeed {
  readonly low: number;
  readonly high: number;
}

/** A new random seed. Give every tenant its own: then no tenant's bytes can be found under another's. */
export function createLabelHashSeed(): LabelHashSeed {
  const [low = 0, high = 0] = randomFillSync(new Int32Array(2));
  return { low, high };
}

/**
 * A 64-bit hash of raw bytes in two 32-bit lanes, four bytes a step. It is for tables in memory only: seeded per
 * process, never stored. `low` and `high` hold the state; feed one or more ranges, then `finish`.
 */
export class LabelHash {
  low = 0;
  high = 0;

  start(seed: LabelHashSeed): void {
    this.low = seed.low;
    this.high = seed.high;
  }

  /** Feeds `[start, end)`. The last word overlaps the one before it: the length, fed too, keeps that unambiguous. */
  feed(view: DataView, start: number, end: number): void {
    const length = end - start;
    let low = this.low ^ length;
    let high = this.high + length;
    const lastWordAt = end - 4;
    if (length >= 4) {
      for (let at = start; at < lastWordAt; at += 4) {
        const word = view.getInt32(at, true);
        low = Math.imul(low ^ word, LANE_LOW);
        low ^= low >>> 15;
        high = Math.imul((high << 13) | (high >>> 19), 5) + word;
        high = Math.imul(high, LANE_HIGH);
      }
    }
    const last = length >= 4 ? view.getInt32(lastWordAt, true) : shortWord(view, start, length);
    low = Math.imul(low ^ last, LANE_LOW);
    low ^= low >>> 15;
    high = Math.imul((high << 13) | (high >>> 19), 5) + last;
    this.low = low | 0;
    this.high = Math.imul(high, LANE_HIGH);
  }

  /** Spreads every input bit over both lanes. */
  finish(): void {
    const low = avalanche(this.low ^ Math.imul(this.high, LANE_LOW));
    this.high = avalanche(this.high ^ Math.imul(low, LANE_HIGH));
    this.low = low;
  }
}

function shortWord(view: DataView, start: number, length: number): number {
  let word = 0;
  for (let i = 0; i < length; i++) word = (word << 8) | view.getUint8(start + i);
  return word;
}

function avalanche(lane: number): number {
  let mixed = lane ^ (lane >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
