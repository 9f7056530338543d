import { messageOf } from "@monotreme/errors";
import { compareLabels, Labels } from "@monotreme/model";
import {
  Engine,
  type NativeHistogram,
  parseExpression,
  type QueryResult,
  type QueryValue,
  type SampleSource,
} from "@monotreme/promql";
import { type MemorySample, MemorySource } from "@monotreme/promql/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StoredScripts, startStoredScripts } from "../../tools/promqltest/stored-scripts.ts";
import { DELIVERIES, RANDOM_QUERIES, type RandomCase, type RandomRange, randomCase } from "./random-promql.ts";

const CASES = 24;
const QUERIES_A_KIND = 55;
const RUN_TIMEOUT_MS = 60_000;
/** Around a case's instant lie all of its samples. */
const WHOLE_MS = 6 * 86_400_000;

/** Repeats all series and expressions of a run that failed, where its number stands here. */
const SEED = Math.floor(Math.random() * 0x7fff_ffff);

const ENGINE = new Engine({ maxAnnotations: 0, useStartTimestamps: true });

/** By docs/adr/0003: the larger value, a number before a NaN, a NaN before a staleness marker; a histogram first. */
function isBetter(a: MemorySample["value"], b: MemorySample["value"]): boolean {
  if (typeof a === "object" && typeof b === "object") return a.count > b.count;
  if (rankOf(a) !== rankOf(b)) return rankOf(a) > rankOf(b);
  return a > b || (Object.is(a, 0) && Object.is(b, -0));
}

function rankOf(value: MemorySample["value"]): number {
  if (typeof value === "object") return 3;
  return value === "stale" ? 0 : Number.isNaN(value) ? 1 : 2;
}

function withoutRepeats(samples: readonly MemorySample[]): MemorySample[] {
  const byTime = new Map<number, MemorySample>();
  for (const sample of samples) {
    const other = byTime.get(sample.timestampMs);
    if (other === undefined || isBetter(sample.value, other.value)) byTime.set(sample.timestampMs, sample);
  }
  return [...byTime.values()];
}

/** Sources may give series in any order, and ties and sums depend on it: here it is that of the labels. */
function inOrder(source: SampleSource): SampleSource {
  return {
    select: async (request) => (await source.select(request)).toSorted((a, b) => compareLabels(a.labels, b.labels)),
  };
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A source may leave a histogram's missing reset to the reader, so this hint does not count. */
function histogramText(histogram: NativeHistogram): string {
  const { counterResetHint, ...numbers } = histogram;
  const hint = counterResetHint === "not-reset" ? "unknown" : counterResetHint;
  const text = JSON.stringify(numbers, (_, part: unknown) => (typeof part === "number" ? numberText(part) : part));
  return `${hint} ${text}`;
}

function pointText(timestampMs: number, value: number, histogram: NativeHistogram | undefined): string {
  return `${histogram === undefined ? numberText(value) : histogramText(histogram)}@${timestampMs}`;
}

/** All bits of a value but those of NaNs; vectors in their order, as `sort` makes it. */
function linesOf(value: QueryValue): string[] {
  switch (value.type) {
    case "scalar":
      return [pointText(value.timestampMs, value.value, undefined)];
    case "string":
      return [value.value];
    case "vector":
      return value.samples.map(
        (one) => `${one.labels.toString()} ${pointText(one.timestampMs, one.value, one.histogram)}`,
      );
    case "matrix":
      return value.series.map(({ labels, timestamps, values, histograms }) => {
        const points = Array.from(timestamps, (at, i) => pointText(at, values[i] ?? Number.NaN, histograms?.[i]));
        return [labels.toString(), ...points].join(" ");
      });
  }
}

/** What a query gives, line by line: its value and annotations, or why it failed. */
async function outcomeOf(source: SampleSource, text: string, range: RandomRange, baseMs: number): Promise<string[]> {
  const expression = parseExpression(text, { experimentalFunctions: true });
  const { fromMs, untilMs, stepMs } = range;
  let result: QueryResult;
  try {
    const times = { startMs: baseMs + fromMs, endMs: baseMs + untilMs, stepMs };
    result = await ENGINE.query(source, expression, times, { text });
  } catch (thrown) {
    return [`failed: ${messageOf(thrown)}`];
  }
  return [...linesOf(result.value), ...result.warnings, ...result.infos];
}

describe("paths agree - PromQL over the storage gives what it gives over the same samples in memory", () => {
  const cases: readonly RandomCase[] = fc.sample(randomCase, { numRuns: CASES, seed: SEED });
  const memory = new MemorySource();
  let stored: StoredScripts;
  let fromMemory: SampleSource;
  let fromStorage: SampleSource;

  beforeAll(async () => {
    stored = await startStoredScripts();
    const store = stored.createStore();
    const all = cases.flatMap(({ series }, i) =>
      series.map(({ labels, deliveries }) => ({ labels: Labels.fromObject({ ...labels, case: `c${i}` }), deliveries })),
    );
    for (const { labels, deliveries } of all) memory.append(labels, withoutRepeats(deliveries.flat()));
    const deliver = (i: number): Promise<void> =>
      store.append(all.map(({ labels, deliveries }) => ({ labels, samples: deliveries[i] ?? [] })));
    // Two requests at once may become one insert, those after them are others.
    for (let i = 0; i < DELIVERIES; i += 2) await Promise.all([deliver(i), deliver(i + 1)]);
    fromMemory = inOrder(memory);
    fromStorage = inOrder(store.source);
  }, RUN_TIMEOUT_MS);

  afterAll(async () => {
    await stored?.close();
  });

  test("paths agree - every sample", async () => {
    const whole = { fromMs: WHOLE_MS / 2, untilMs: WHOLE_MS / 2, stepMs: 0 };
    for (const [i, { baseMs }] of cases.entries()) {
      const text = `{case="c${i}"}[${WHOLE_MS}ms]`;
      const expected = await outcomeOf(fromMemory, text, whole, baseMs);
      expect(expected.length).toBeGreaterThan(0);
      expect(await outcomeOf(fromStorage, text, whole, baseMs), `${text}, SEED ${SEED}`).toEqual(expected);
    }
  });

  test.concurrent.for(RANDOM_QUERIES)("paths agree - %s", { timeout: RUN_TIMEOUT_MS }, async ([, queries]) => {
    let filled = 0;
    const property = fc.asyncProperty(fc.nat(CASES - 1), queries, async (index, query) => {
      const { baseMs } = cases[index] ?? { baseMs: 0 };
      const text = query.text
        .replaceAll("§", `c${index}`)
        .replaceAll(/@ T(-?\d+)/g, (_, seconds: string) => `@ ${baseMs / 1000 + Number(seconds)}`);
      const expected = await outcomeOf(fromMemory, text, query, baseMs);
      if (expected.some((line) => line.includes("@"))) filled++;
      const got = await outcomeOf(fromStorage, text, query, baseMs);
      expect(got, `${text} around ${baseMs}, SEED ${SEED}`).toEqual(expected);
    });
    await fc.assert(property, { numRuns: QUERIES_A_KIND, seed: SEED });
    expect(filled, "expressions that gave a value").toBeGreaterThan(QUERIES_A_KIND / 20);
  });
});
