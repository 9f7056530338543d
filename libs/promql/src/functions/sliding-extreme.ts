import type { RangeKernel } from "./range-call.ts";

/** Indexes of the samples that may still become an extreme, best first; used again by every call. */
let queue = new Int32Array(1024);

interface Extreme {
  /** 1: the largest, −1: the smallest. */
  readonly direction: 1 | -1;
  /** What to give for the sample found: itself, or when it was taken. */
  readonly result: "value" | "timestamp";
}

const isLarger = (a: number, b: number): boolean => a > b;
const isSmaller = (a: number, b: number): boolean => a < b;

/**
 * The smallest or largest sample of each window, NaN only where all are; of equal ones the first, for timestamps the
 * last. Windows move forward only, so each sample enters and leaves a queue once, however much windows overlap.
 */
function slidingExtreme({ direction, result }: Extreme): RangeKernel {
  const keepsLatest = result === "timestamp";
  const isBetter = direction === 1 ? isLarger : isSmaller;
  const isOvertaken = (old: number, value: number): boolean => isBetter(value, old) || (keepsLatest && value === old);
  return (call, out, present) => {
    const { timestamps, values, low, high, budget } = call;
    if (queue.length < values.length) queue = new Int32Array(values.length * 2);
    let [head, tail, seen] = [0, 0, 0];
    for (let step = 0; step < out.length; step++) {
      const first = low[step]!;
      const end = high[step]!;
      if (end <= first) continue;
      budget.work(end - Math.max(seen, first));
      for (let i = Math.max(seen, first); i < end; i++) {
        const value = values[i]!;
        if (value !== value) continue;
        while (tail > head && isOvertaken(values[queue[tail - 1]!]!, value)) tail--;
        queue[tail++] = i;
      }
      seen = end;
      while (head < tail && queue[head]! < first) head++;
      const at = head < tail ? queue[head]! : end - 1;
      out[step] = keepsLatest ? timestamps[at]! / 1000 : values[at]!;
      present[step] = 1;
    }
  };
}

export const EXTREME_KERNELS = {
  min_over_time: slidingExtreme({ direction: -1, result: "value" }),
  max_over_time: slidingExtreme({ direction: 1, result: "value" }),
  ts_of_min_over_time: slidingExtreme({ direction: -1, result: "timestamp" }),
  ts_of_max_over_time: slidingExtreme({ direction: 1, result: "timestamp" }),
} as const;
