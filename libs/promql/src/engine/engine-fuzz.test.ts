import { AppError } from "@monotreme/errors";
import { Labels } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FUNCTION_SIGNATURES, type FunctionSignature } from "../parser/function-signatures.ts";
import { MAX_QUERY_LENGTH, parseExpression } from "../parser/parse-expression.ts";
import type { SampleSource } from "../sample-source.ts";
import { DownsampledSource } from "../testing/downsampled-source.ts";
import { type MemorySample, MemorySource } from "../testing/memory-source.ts";
import { Engine } from "./engine.ts";
import type { QueryRange } from "./plan-query.ts";

/** Far above what a query that is refused or small needs, far below what one without bounds takes. */
const MAX_QUERY_MS = 5000;

const SOURCE = new MemorySource();
const SAMPLES = Array.from({ length: 60 }, (_, i) => ({
  timestampMs: i * 15_000,
  value: i === 20 ? Number.NaN : i % 17,
}));
for (const [name, label] of ["a", "b", "c_bucket"].flatMap((name) => ["1", "2", "+Inf"].map((le) => [name, le]))) {
  SOURCE.append(Labels.fromObject({ __name__: name ?? "", le: label ?? "", job: "j" }), SAMPLES);
}

/** Native histograms of changing layouts, among floats and stale markers. */
function mixedSample(i: number): MemorySample["value"] {
  if (i % 13 === 5) return i;
  if (i % 17 === 3) return "stale";
  const custom = i % 11 === 2;
  return {
    schema: custom ? -53 : (i % 4) - 1,
    counterResetHint: i % 19 === 0 ? "gauge" : "unknown",
    zeroThreshold: custom ? 0 : (i % 3) / 1000,
    zeroCount: custom ? 0 : i,
    count: i * 4,
    sum: i % 23 === 1 ? Number.NaN : i * 9,
    positiveOffset: custom ? 0 : -2 + (i % 5),
    positiveBuckets: custom ? [i, i, i] : [i, 0, i, i],
    negativeOffset: 1,
    negativeBuckets: custom || i % 7 === 0 ? [] : [i],
    customBounds: custom ? [0.5, i + 1] : [],
  };
}
const MIXED = Array.from({ length: 60 }, (_, i) => ({
  timestampMs: i * 15_000,
  value: mixedSample(i),
  startTimestampMs: i % 9 === 0 ? i * 15_000 - 7000 : 0,
}));
for (const le of ["1", "2"]) SOURCE.append(Labels.fromObject({ __name__: "h", le, job: "j" }), MIXED);

const ENGINE = new Engine({ useStartTimestamps: true, delayedNameRemoval: true, maxSamples: 100_000 });

/** The same samples, all downsampled. */
const DOWNSAMPLED = new DownsampledSource(SOURCE, { resolutionsMs: [300_000], finestMs: 300_000 });

/** Resolves to the code of the error, or to the kind of value; rejects for anything else, and where it takes too long. */
async function outcomeOf(query: string, range: QueryRange, source: SampleSource = SOURCE): Promise<string> {
  const startedMs = performance.now();
  try {
    const expression = parseExpression(query, {
      experimentalFunctions: true,
      durationExpressions: true,
      extendedRangeSelectors: true,
      binopFillModifiers: true,
    });
    const { value } = await ENGINE.query(source, expression, range, { text: query, deadlineMs: Date.now() + 500 });
    return value.type;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return thrown.code;
  } finally {
    expect(performance.now() - startedMs).toBeLessThan(MAX_QUERY_MS);
  }
}

const RANGES: readonly QueryRange[] = [
  { startMs: 600_000, endMs: 600_000, stepMs: 0 },
  { startMs: 0, endMs: 900_000, stepMs: 60_000 },
];

async function checkAll(queries: fc.Arbitrary<string>, numRuns: number, source?: SampleSource): Promise<void> {
  const property = fc.asyncProperty(queries, fc.constantFrom(...RANGES), async (query, range) => {
    expect(await outcomeOf(query, range, source)).toMatch(/^(?:scalar|string|vector|matrix|[A-Z_]+)$/);
  });
  await fc.assert(property, { numRuns });
}

const TOKENS =
  `a b h c_bucket le job "x" '\\n' \`y\` 1 0x1F 1e400 NaN Inf 5m 1ms 100y 0s ( ) ( ) { } [ ] [5m] [1h:1ms] [5m:] : , , = != =~ !~ == ` +
  "+ - * / % ^ atan2 and or unless bool by (job) without on ignoring group_left group_right offset @ start() end() step() " +
  "anchored smoothed sum avg topk quantile count_values rate increase histogram_quantile time vector scalar label_replace info # \\ ; \u0000 ü 😀";

const VECTOR_FUNCTIONS = [...FUNCTION_SIGNATURES.values()].filter(({ returnType }) => returnType === "vector");

/** Queries that make sense to the parser, of any type where that type is wanted. */
const { vector } = fc.letrec<Readonly<Record<"scalar" | "vector" | "matrix" | "string", string>>>((tie) => ({
  scalar: fc.oneof(
    { maxDepth: 4, depthIdentifier: "query" },
    fc.constantFrom("1", "0.5", "-3", "NaN", "Inf", "1e308", "time()", "pi()"),
    tie("vector").map((inner) => `scalar(${inner})`),
    fc.tuple(tie("scalar"), fc.constantFrom("+", "/", "%", "^", "== bool"), tie("scalar")).map((one) => one.join(" ")),
  ),
  string: fc.constantFrom('"job"', '"le"', '"(.*)"', '"$1"', '""', '"("', '"__name__"'),
  matrix: fc.oneof(
    { maxDepth: 4, depthIdentifier: "query" },
    fc.constantFrom(
      "h[5m]",
      "h[3m] anchored",
      "h[3m] smoothed",
      "a[5m]",
      "b[1m] offset 2m",
      "c_bucket[10m] @ 300",
      "a[5m] anchored",
      '{job="j"}[7m]',
    ),
    fc
      .tuple(tie("vector"), fc.constantFrom("[5m:1m]", "[1h:7s]", "[30m:1ms]", "[5m:] @ end()"))
      .map(([inner, range]) => `(${inner})${range}`),
  ),
  vector: fc.oneof(
    { maxDepth: 4, depthIdentifier: "query", withCrossShrink: true },
    fc.constantFrom(
      "h",
      "h smoothed",
      "a",
      "b",
      "c_bucket",
      'a{le="1"}',
      '{job=~".+"}',
      "b offset -1m",
      "a @ 200",
      "nothing",
    ),
    fc.constantFrom(...VECTOR_FUNCTIONS).chain((signature) => callOf(signature, tie)),
    fc
      .tuple(
        tie("vector"),
        fc.constantFrom("+", "-", "*", "/", "%", "^", "atan2", ">", "!= bool", "and", "or", "unless"),
        fc.constantFrom("", "on (le)", "ignoring (le)", "on () group_left"),
        tie("vector"),
      )
      .map((one) => `(${one.join(" ")})`),
    fc
      .tuple(
        fc.constantFrom("sum", "avg", "stddev", "group"),
        fc.constantFrom("", "by (le)", "without (job)"),
        tie("vector"),
      )
      .map(([name, by, inner]) => `${name} ${by} (${inner})`),
    fc
      .tuple(fc.constantFrom("topk", "bottomk", "quantile", "limitk", "limit_ratio"), tie("scalar"), tie("vector"))
      .map(([name, parameter, inner]) => `${name}(${parameter}, ${inner})`),
    tie("vector").map((inner) => `count_values("v", ${inner})`),
    tie("vector").map((inner) => `-${inner}`),
  ),
}));

function callOf(
  { name, argumentTypes }: FunctionSignature,
  tie: fc.LetrecTypedTie<Record<string, string>>,
): fc.Arbitrary<string> {
  return fc.tuple(...argumentTypes.map((type) => tie(type))).map((given) => `${name}(${given.join(", ")})`);
}

describe("engine - any text gives a value or a typed error in time", () => {
  test("engine - bytes", async () => {
    await checkAll(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => new TextDecoder().decode(bytes)),
      300,
    );
    await checkAll(fc.string({ unit: "binary", maxLength: 100 }), 300);
  }, 60_000);

  test("engine - tokens in any order", async () => {
    const token = fc.constantFrom(...TOKENS.split(" "));
    await checkAll(
      fc.array(token, { maxLength: 25 }).map((tokens) => tokens.join(" ")),
      1000,
    );
  }, 60_000);

  test("engine - expressions of the right types", async () => {
    await checkAll(vector, 700);
  }, 60_000);

  test("engine - expressions of the right types over downsampled series", async () => {
    await checkAll(vector, 300, DOWNSAMPLED);
  }, 60_000);
});

describe("engine - deep and large texts give a value or a typed error in time", () => {
  const fill = (unit: string, rest: string): string =>
    unit.repeat(Math.floor(MAX_QUERY_LENGTH / unit.length) - 1) + rest;
  test.each<readonly [string, string]>([
    ["open parentheses", fill("(", "a")],
    ["nested calls", fill("abs(", "a")],
    ["nested aggregations", fill("sum by (x) (", "a")],
    ["signs", fill("-", "a")],
    ["a chain of sums", fill("a+", "a")],
    ["a chain of unions", fill("a or ", "a")],
    ["powers", fill("2^", "2")],
    ["subqueries", `a${"[5m:1m]".repeat(1000)}`],
    ["nested subqueries", `${"max_over_time(".repeat(50)}a${"[1h:1s])".repeat(50)}`],
    ["many labels", `sum by (${"x,".repeat(50_000)}x) (a)`],
    ["many matchers", `a{${'le!="z",'.repeat(20_000)}}`],
    ["a long string", `"${"x".repeat(MAX_QUERY_LENGTH - 10)}"`],
    ["a long number", "9".repeat(MAX_QUERY_LENGTH - 10)],
    ["a long duration", `a[${"1d".repeat(50_000)}]`],
    ["comments", fill("#\n", "a")],
    ["a regular expression of many repetitions", 'a{le=~"((a{1000}){1000}){1000}"}'],
    ["a regular expression that others never finish", `a{le=~"${"(a*)*".repeat(50)}b"}`],
    ["a regular expression of many brackets", `a{le=~"${"(".repeat(100_000)}"}`],
    ["an endless subquery", "max_over_time(a[100y:1ms])"],
    ["a deep subquery", "sum_over_time(sum_over_time(a[30m:1ms])[30m:1ms])"],
    [
      "a wide union of histograms",
      `histogram_quantile(0.9, ${Array.from({ length: 500 }, () => "c_bucket").join(" or ")})`,
    ],
  ])(
    "engine - %s",
    async (_, query) => {
      for (const range of RANGES) await outcomeOf(query, range);
    },
    30_000,
  );
});
