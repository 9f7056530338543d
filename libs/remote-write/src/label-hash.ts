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
 * A 64-bit hash of raw bytes in two 32-bit lanes, eight bytes a step. It is for tables in memory only: seeded per
 * process, never stored. `low` and `high` hold the state; feed one or more ranges, then `finish`.
 */
export class LabelHash {
  low = 0;
  high = 0;

  start(seed: LabelHashSeed): void {
    this.low = seed.low;
    this.high = seed.high;
  }

  /** Feeds `[start, end)`. The last step overlaps the one before it: the length, fed too, keeps that unambiguous. */
  feed(view: DataView, start: number, end: number): void {
    const length = end - start;
    let low = this.low ^ length;
    let high = this.high + length;
    const lastAt = end - 8;
    for (let at = start; at < lastAt; at += 8) {
      const left = Math.imul(low ^ view.getInt32(at, true), LANE_LOW);
      const right = Math.imul(high ^ view.getInt32(at + 4, true), LANE_HIGH);
      // One to one for the pair of lanes: states that differ once never meet again by themselves.
      low = (((left << 15) | (left >>> 17)) + right) | 0;
      high = ((right << 11) | (right >>> 21)) ^ low;
    }
    const isShort = length < 8;
    const left = Math.imul(low ^ (isShort ? shortWord(view, start, end) : view.getInt32(lastAt, true)), LANE_LOW);
    const word = isShort ? shortWord(view, start + 4, end) : view.getInt32(lastAt + 4, true);
    const right = Math.imul(high ^ word, LANE_HIGH);
    low = (((left << 15) | (left >>> 17)) + right) | 0;
    this.low = low;
    this.high = ((right << 11) | (right >>> 21)) ^ low;
  }

  /** Spreads every input bit over both lanes. */
  finish(): void {
    const low = avalanche(this.low ^ Math.imul(this.high, LANE_LOW));
    this.high = avalanche(this.high ^ Math.imul(low, LANE_HIGH));
    this.low = low;
  }
}

/** Up to four bytes from `start` on, none where it lies past the end. */
function shortWord(view: DataView, start: number, end: number): number {
  let word = 0;
  for (let at = start; at < Math.min(start + 4, end); at++) word = (word << 8) | view.getUint8(at);
  return word;
}

function avalanche(lane: number): number {
  let mixed = lane ^ (lane >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
