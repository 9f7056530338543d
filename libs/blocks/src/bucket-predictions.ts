/** The columns that others are guessed from, of buckets with samples. */
export interface Borders {
  readonly counts: Float64Array;
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
}

/** A bucket begins where the one before ended. */
export function predictFirsts(lasts: Float64Array): Float64Array {
  // Both copy bytes, so NaNs keep their payloads.
  return lasts.slice().copyWithin(1, 0);
}

/** The smaller of first and last: right for whatever only rises or only falls. */
export function predictMins({ firsts, lasts }: Borders): Float64Array {
  const out = firsts.slice();
  for (let i = 0; i < out.length; i++) if (lasts[i]! < firsts[i]! || Number.isNaN(firsts[i]!)) out[i] = lasts[i]!;
  return out;
}

/** The larger of first and last. */
export function predictMaxs({ firsts, lasts }: Borders): Float64Array {
  const out = firsts.slice();
  for (let i = 0; i < out.length; i++) if (lasts[i]! > firsts[i]! || Number.isNaN(firsts[i]!)) out[i] = lasts[i]!;
  return out;
}

/** As many values as there are, half-way between first and last: right for what stays, near for what rises steadily. */
export function predictSums({ counts, firsts, lasts }: Borders): Float64Array {
  const out = new Float64Array(firsts.length);
  for (let i = 0; i < out.length; i++) {
    const [first, last] = [firsts[i]!, lasts[i]!];
    out[i] = first === last ? counts[i]! * last : counts[i]! * (first / 2 + last / 2);
  }
  return out;
}

/** What lies between first and last, and for each reset the middle of them: exact where there are no resets. */
export function predictIncreases({ firsts, lasts }: Borders, resets: Float64Array): Float64Array {
  const out = new Float64Array(firsts.length);
  for (let i = 0; i < out.length; i++) {
    const [first, last] = [firsts[i]!, lasts[i]!];
    const difference = last - first;
    out[i] = Number.isFinite(difference) ? difference : 0;
    if (resets[i]! > 0) out[i] = out[i]! + resets[i]! * (first / 2 + last / 2);
  }
  return out;
}
