/** A gap to the window's edge of this many mean intervals or more is not filled by extrapolation. */
const EXTRAPOLATION_THRESHOLD = 1.1;

/** By what the difference of a window's first and last sample is multiplied to cover the whole window. */
export function extrapolationFactor(
  isCounter: boolean,
  difference: number,
  firstValue: number,
  firstMs: number,
  lastMs: number,
  count: number,
  endMs: number,
  rangeMs: number,
): number {
  let toStart = (firstMs - (endMs - rangeMs)) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  const sampled = (lastMs - firstMs) / 1000;
  const meanInterval = sampled / (count - 1);
  const threshold = meanInterval * EXTRAPOLATION_THRESHOLD;
  if (toStart >= threshold) toStart = meanInterval / 2;
  // A counter was not below zero: do not extrapolate beyond the time at which it was zero.
  if (isCounter && difference > 0 && firstValue >= 0) {
    const toZero = sampled * (firstValue / difference);
    if (toZero < toStart) toStart = toZero;
  }
  if (toEnd >= threshold) toEnd = meanInterval / 2;
  return (sampled + toStart + toEnd) / sampled;
}
