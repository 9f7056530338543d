/**
 * The φ-quantile of values with linear interpolation between the two nearest ranks; sorts `values` in place, NaN
 * counting as the smallest. φ below 0 gives −Inf, above 1 +Inf, NaN or no values NaN.
 */
export function quantileOf(phi: number, values: Float64Array): number {
  const count = values.length;
  if (count === 0 || Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return -Infinity;
  if (phi > 1) return Infinity;
  sortNanFirst(values);
  return interpolatedRank(phi, count, (rank) => values[rank]!);
}

/** The value at φ of the way through `count` sorted values, linear between the two nearest; 0 ≤ φ ≤ 1. */
export function interpolatedRank(phi: number, count: number, valueAt: (rank: number) => number): number {
  const rank = phi * (count - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(count - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return valueAt(lower) * (1 - weight) + valueAt(upper) * weight;
}

/** Typed arrays sort NaN last; PromQL wants it first. */
function sortNanFirst(values: Float64Array): void {
  values.sort();
  let nans = 0;
  for (let i = values.length - 1; i >= 0 && Number.isNaN(values[i]); i--) nans++;
  if (nans === 0 || nans === values.length) return;
  values.copyWithin(nans, 0, values.length - nans);
  values.fill(Number.NaN, 0, nans);
}
