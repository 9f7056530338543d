import { Labels } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Engine, type QueryLimits } from "../engine/engine.ts";
import type { QueryRange } from "../engine/plan-query.ts";
import { parseExpression } from "../parser/parse-expression.ts";
import { arbitrarySamples, SAMPLES_FROM_MS } from "../testing/arbitrary-samples-fixture.ts";
import { DownsampledSource } from "../testing/downsampled-source.ts";
import { type MemorySample, MemorySource } from "../testing/memory-source.ts";
import type { SampleSource } from "../sample-source.ts";
import type { QueryResult } from "../value.ts";
import { alignedRangeMs } from "./align-request.ts";
import { EXACT_RANGE_FUNCTIONS } from "./exact-functions.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SERIES = Labels.fromObject({ __name__: "x_total", job: "j" });
const ENGINE = new Engine();

async function run(
  source: SampleSource,
  text: string,
  range: QueryRange,
  limits: QueryLimits = {},
): Promise<QueryResult> {
  const expression = parseExpression(text, { experimentalFunctions: true });
  return ENGINE.query(source, expression, range, { text, ...limits });
}

function sourceOf(samples: readonly MemorySample[]): MemorySource {
  const source = new MemorySource();
  source.append(SERIES, samples);
  return source;
}

/** `labels@time` → value. */
function pointsOf({ value }: QueryResult): Map<string, number> {
  if (value.type === "vector")
    return new Map(value.samples.map((one) => [`${one.labels.key}@${one.timestampMs}`, one.value]));
  if (value.type !== "matrix") throw new Error(`a ${value.type}`);
  return new Map(
    value.series.flatMap(({ labels, timestamps, values }) =>
      Array.from(timestamps, (at, i): [string, number] => [`${labels.key}@${at}`, values[i]!]),
    ),
  );
}

function expectSamePoints(actual: Map<string, number>, expected: Map<string, number>, magnitude: number): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [key, value] of expected) {
    if (Number.isFinite(value)) expect(Math.abs(actual.get(key)! - value)).toBeLessThanOrEqual(1e-12 * magnitude);
    else expect(actual.get(key)).toBe(value);
  }
}

function magnitudeOf(samples: readonly MemorySample[]): number {
  const finite = samples.map(({ value }) => (Number.isFinite(value) ? Math.abs(Number(value)) : 0));
  return finite.reduce((most, value) => Math.max(most, value), 1);
}

/** Only buckets are left, so that every request is answered from them. */
function onlyAt(source: SampleSource, resolutionMs: number): SampleSource {
  return new DownsampledSource(source, { resolutionsMs: [resolutionMs], finestMs: resolutionMs });
}

const GRIDS = fc.record({
  startMs: fc.oneof(
    fc.integer({ min: SAMPLES_FROM_MS - HOUR, max: SAMPLES_FROM_MS + 4 * HOUR }),
    fc.integer({ min: 6, max: 12 }).map((hours) => hours * HOUR),
  ),
  stepMs: fc.oneof(fc.constantFrom(5 * MINUTE, HOUR), fc.integer({ min: 7_000, max: 3 * HOUR })),
  steps: fc.integer({ min: 1, max: 25 }),
});

/** What raw samples give at each step, one instant query a step at the border before it. */
async function atBorders(
  samples: readonly MemorySample[],
  text: string,
  { startMs, stepMs, steps }: { readonly startMs: number; readonly stepMs: number; readonly steps: number },
  resolutionMs: number,
): Promise<Map<string, number>> {
  const source = sourceOf(samples);
  const points = new Map<string, number>();
  for (let step = 0; step < steps; step++) {
    const atMs = startMs + step * stepMs;
    const borderMs = Math.floor(atMs / resolutionMs) * resolutionMs;
    const found = pointsOf(await run(source, text, { startMs: borderMs, endMs: borderMs, stepMs: 0 }));
    for (const [key, value] of found) points.set(key.replace(/@\d+$/, `@${atMs}`), value);
  }
  return points;
}

describe("buckets - range functions give what raw samples give at the border of the bucket before", () => {
  test.each([...EXACT_RANGE_FUNCTIONS].flatMap((name) => [[name, 5 * MINUTE] as const, [name, HOUR] as const]))(
    "buckets - %s at %d ms",
    async (name, resolutionMs) => {
      const windows = fc.oneof(
        fc.integer({ min: 1, max: 4 }).map((buckets) => buckets * resolutionMs),
        fc.integer({ min: 1_000, max: 5 * resolutionMs }),
      );
      await fc.assert(
        fc.asyncProperty(arbitrarySamples, GRIDS, windows, async (samples, grid, windowMs) => {
          const { startMs, stepMs, steps } = grid;
          const range = { startMs, endMs: startMs + (steps - 1) * stepMs, stepMs };
          const result = await run(onlyAt(sourceOf(samples), resolutionMs), `${name}(x_total[${windowMs}ms])`, range);
          const wholeMs = alignedRangeMs(windowMs, resolutionMs);
          const expected = await atBorders(samples, `${name}(x_total[${wholeMs}ms])`, grid, resolutionMs);
          const scale = name === "increase" || name === "delta" ? windowMs / wholeMs : 1;
          const scaled = new Map([...expected].map(([key, value]) => [key, value * scale]));
          expectSamePoints(pointsOf(result), scaled, magnitudeOf(samples));
        }),
        { numRuns: 25 },
      );
    },
    30_000,
  );

  test("buckets - the instant selector, with the samples' own lookback and times", async () => {
    const texts = fc.constantFrom("x_total", "timestamp(x_total)", "absent(x_total)", "sum by (job) (x_total)");
    const resolutions = fc.constantFrom(5 * MINUTE, HOUR);
    const property = fc.asyncProperty(arbitrarySamples, GRIDS, texts, resolutions, async (samples, grid, text, r) => {
      const { startMs, stepMs, steps } = grid;
      const range = { startMs, endMs: startMs + (steps - 1) * stepMs, stepMs };
      const result = await run(onlyAt(sourceOf(samples), r), text, range);
      expectSamePoints(pointsOf(result), await atBorders(samples, text, grid, r), magnitudeOf(samples));
    });
    await fc.assert(property, { numRuns: 150 });
  }, 30_000);

  test("buckets - offset and @ move the window before its border is sought", async () => {
    const property = fc.asyncProperty(
      arbitrarySamples,
      fc.integer({ min: 0, max: 3 * HOUR }),
      async (samples, shift) => {
        const source = onlyAt(sourceOf(samples), 5 * MINUTE);
        const atMs = SAMPLES_FROM_MS + HOUR;
        const now = { startMs: atMs, endMs: atMs, stepMs: 0 };
        const shifted = { startMs: atMs + shift, endMs: atMs + shift, stepMs: 0 };
        for (const text of ["increase(x_total[17m]", "(x_total", "timestamp(x_total"]) {
          const expected = await run(source, `${text})`, now);
          const byOffset = await run(source, `${text} offset ${shift}ms)`, shifted);
          const byInstant = await run(source, `${text} @ ${atMs / 1000})`, {
            ...shifted,
            endMs: atMs + 2 * shift,
            stepMs: 1 + shift,
          });
          const values = [...pointsOf(expected).values()];
          expect([...pointsOf(byOffset).values()]).toEqual(values);
          expect([...pointsOf(byInstant).values()].slice(0, 1)).toEqual(values);
        }
      },
    );
    await fc.assert(property, { numRuns: 40 });
  }, 30_000);
});
