import fc from "fast-check";
import type { MemorySample } from "./memory-source.ts";

/** Epoch ms before which no sample lies. */
export const SAMPLES_FROM_MS = 7 * 3_600_000;

/** From 15 s with jitter over missed scrapes to hours of silence. */
const GAP_MS = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 14_000, max: 16_000 }) },
  { weight: 10, arbitrary: fc.constant(60_000) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 1_200_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 3_600_000, max: 12_000_000 }) },
);

type Step = number | "stale" | "reset" | "jump";

const COUNTER_STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 1000 }) },
  { weight: 2, arbitrary: fc.constant("reset" as const) },
  { weight: 1, arbitrary: fc.constant("jump" as const) },
  { weight: 2, arbitrary: fc.constant("stale" as const) },
);
const GAUGE_VALUE = fc.oneof(
  { weight: 20, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
  { weight: 2, arbitrary: fc.constant("stale" as const) },
);

function counterOf(steps: readonly Step[]): (number | "stale")[] {
  let value = 0;
  return steps.map((step) => {
    if (step === "stale") return "stale";
    if (step === "reset") value = 1;
    else if (step === "jump") value += 1e5;
    else value += step / 8;
    return value;
  });
}

/** Samples of one series in time order: a counter with resets or any gauge, with gaps and staleness markers. */
export const arbitrarySamples: fc.Arbitrary<readonly MemorySample[]> = fc
  .tuple(
    fc.array(GAP_MS, { minLength: 1, maxLength: 300 }),
    fc.oneof(
      fc.array(COUNTER_STEP, { minLength: 300, maxLength: 300 }).map(counterOf),
      fc.array(GAUGE_VALUE, { minLength: 300, maxLength: 300 }),
    ),
  )
  .map(([gaps, values]) => {
    let timestampMs = SAMPLES_FROM_MS;
    return gaps.map((gap, i) => ({ timestampMs: (timestampMs += gap), value: values[i] ?? 0 }));
  });
