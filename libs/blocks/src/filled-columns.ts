import { wordsOf } from "@monotreme/model";

/** The values of the entries whose count is above 0, bit by bit; the column itself where that is all of them. */
export function compact(column: Float64Array, counts: Float64Array, filledCount: number): Float64Array {
  if (filledCount === column.length) return column;
  const out = new Float64Array(filledCount);
  const [from, to] = [wordsOf(column), wordsOf(out)];
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    to[at++] = from[i * 2]!;
    to[at++] = from[i * 2 + 1]!;
  }
  return out;
}

/** Undoes `compact`: entries whose count is 0 hold `empty`. */
export function spread(column: Float64Array, counts: Float64Array, empty: number): Float64Array {
  if (column.length === counts.length) return column;
  const out = new Float64Array(counts.length).fill(empty);
  const [from, to] = [wordsOf(column), wordsOf(out)];
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    to[i * 2] = from[at++]!;
    to[i * 2 + 1] = from[at++]!;
  }
  return out;
}

/** How many counts are above 0. */
export function countFilled(counts: Float64Array): number {
  let filled = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) filled++;
  return filled;
}
