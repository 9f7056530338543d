import { messageOf } from "@monotreme/errors";
import type { Labels } from "@monotreme/model";
import { RE2JS } from "re2js";
import type { SampleSource } from "../sample-source.ts";
import type { QueryResult, QueryValue, VectorSample } from "../value.ts";
import { differenceOf } from "./compare-results.ts";
import { customBucketSeriesOf } from "./custom-bucket-series.ts";
import { MemorySource, type MemorySample } from "./memory-source.ts";
import type {
  EvaluationCommand,
  EvaluationRange,
  Expectations,
  LoadCommand,
  LoadedSeries,
  ScriptCommand,
  ScriptPoint,
  TextExpectation,
} from "./script.ts";

/** Runs one query for a script; a failed query rejects. */
export type RunQuery = (source: SampleSource, query: string, range: EvaluationRange) => Promise<QueryResult>;

/** How one evaluation of a script went. */
export interface EvaluationReport {
  readonly line: number;
  readonly query: string;
  /** Why it failed; undefined: it passed. */
  readonly failure: string | undefined;
  readonly usesHistograms: boolean;
}

/** Around an instant query's time, a range query has to give the same. */
const RANGE_AROUND_MS = 60_000;
/** Whose value depends on the range, so that the range query around an instant may differ. */
const RANGE_DEPENDENT = /\b(?:start|end|range|step)\s*\(/i;

/** The samples of one series of a load. */
export interface LoadedSamples {
  readonly labels: Labels;
  readonly samples: readonly MemorySample[];
}

/** Where a script's samples go, and come back from. */
export interface ScriptStore {
  readonly source: SampleSource;
  /** Resolves when the source gives the samples back. */
  append(series: readonly LoadedSamples[]): Promise<void>;
  /** Forgets all series. */
  clear(): Promise<void>;
  /** Evaluations that may run at once. */
  readonly maxConcurrency: number;
  /** Whether instant queries run as range queries too; that checks the engine, not where samples come from. */
  readonly repeatsAsRange: boolean;
}

/**
 * Runs a script's commands in order and reports every evaluation; never rejects for a query. Without a store the
 * samples stay in memory.
 */
export async function runScript(
  commands: readonly ScriptCommand[],
  runQuery: RunQuery,
  store: ScriptStore = memoryStore(),
): Promise<EvaluationReport[]> {
  const reports: EvaluationReport[] = [];
  let waiting: EvaluationCommand[] = [];
  const evaluateWaiting = async (): Promise<void> => {
    reports.push(...(await evaluateAll(store, waiting, runQuery)));
    waiting = [];
  };
  for (const command of commands) {
    if (command.kind === "evaluate") {
      waiting.push(command);
      continue;
    }
    await evaluateWaiting();
    await (command.kind === "clear" ? store.clear() : store.append(loadedSamplesOf(command)));
  }
  await evaluateWaiting();
  return reports;
}

function memoryStore(): ScriptStore {
  const source = new MemorySource();
  return {
    source,
    maxConcurrency: 1,
    repeatsAsRange: true,
    append: async (series) => {
      for (const { labels, samples } of series) source.append(labels, samples);
    },
    clear: async () => source.clear(),
  };
}

/** The reports in the order of the commands. */
async function evaluateAll(
  store: ScriptStore,
  commands: readonly EvaluationCommand[],
  runQuery: RunQuery,
): Promise<EvaluationReport[]> {
  const reports: EvaluationReport[] = [];
  const queue = commands.entries();
  const work = async (): Promise<void> => {
    for (const [i, command] of queue) {
      const { line, query, usesHistograms } = command;
      reports[i] = { line, query, usesHistograms, failure: await evaluate(store, command, runQuery) };
    }
  };
  await Promise.all(Array.from({ length: store.maxConcurrency }, work));
  return reports;
}

function loadedSamplesOf(command: LoadCommand): LoadedSamples[] {
  const custom = command.withCustomBuckets ? customBucketSeriesOf(command.series) : [];
  return [...command.series, ...custom].map((series) => ({
    labels: series.labels,
    samples: [...samplesOf(series, command.stepMs)],
  }));
}

function* samplesOf(series: LoadedSeries, stepMs: number): IterableIterator<MemorySample> {
  for (const [i, point] of series.points.entries()) {
    const value = loadedValue(point);
    if (value === undefined) continue;
    const timestampMs = i * stepMs;
    const startOffsetMs = series.startOffsetsMs?.[i];
    const startTimestampMs = startOffsetMs === undefined ? undefined : timestampMs + startOffsetMs;
    yield { timestampMs, value, startTimestampMs };
  }
}

function loadedValue(point: ScriptPoint): MemorySample["value"] | undefined {
  switch (point.kind) {
    case "float":
      return point.value;
    case "histogram":
      return point.histogram;
    case "stale":
      return "stale";
    case "none":
      return undefined;
  }
}

async function evaluate(
  { source, repeatsAsRange }: ScriptStore,
  command: EvaluationCommand,
  runQuery: RunQuery,
): Promise<string | undefined> {
  const { expectations, query, range } = command;
  let result: QueryResult;
  try {
    result = await runQuery(source, query, range);
  } catch (thrown) {
    return failureDifference(expectations.fails, thrown);
  }
  if (expectations.fails.length > 0) return "expected the query to fail, it did not";
  const difference = annotationDifference(expectations, result) ?? differenceOf(expectations, result.value, range);
  if (difference !== undefined || range.stepMs > 0 || !repeatsAsRange) return difference;
  return evaluateAround(source, command, runQuery, result.value);
}

/** Runs an instant query as a range query too. */
async function evaluateAround(
  source: SampleSource,
  { query, range, expectations }: EvaluationCommand,
  runQuery: RunQuery,
  instant: QueryValue,
): Promise<string | undefined> {
  if (instant.type === "string" || instant.type === "matrix" || RANGE_DEPENDENT.test(query)) return undefined;
  const around = {
    startMs: range.startMs - RANGE_AROUND_MS,
    endMs: range.startMs + RANGE_AROUND_MS,
    stepMs: RANGE_AROUND_MS,
  };
  let result: QueryResult;
  try {
    result = await runQuery(source, query, around);
  } catch (thrown) {
    return `as a range query: failed: ${messageOf(thrown)}`;
  }
  // Series of a matrix stand in the order of their labels, and sorting functions do nothing to them.
  if (expectations.ordered) return undefined;
  if (result.value.type !== "matrix") return `as a range query: expected a matrix, got a ${result.value.type}`;
  const middle = instantOf(result.value, range.startMs, instant.type);
  const difference = differenceOf(expectations, middle, range);
  return difference === undefined ? undefined : `as a range query: ${difference}`;
}

/** The points of a matrix at one time, as an instant query would give them. */
function instantOf(
  matrix: Extract<QueryValue, { type: "matrix" }>,
  timestampMs: number,
  type: "scalar" | "vector",
): QueryValue {
  const samples = matrix.series.flatMap((series): VectorSample[] => {
    const i = series.timestamps.indexOf(timestampMs);
    if (i < 0) return [];
    const histogram = series.histograms?.[i];
    const sample = { labels: series.labels, timestampMs, value: series.values[i] ?? Number.NaN };
    return [histogram === undefined ? sample : { ...sample, histogram }];
  });
  const [first] = samples;
  if (type === "vector" || first === undefined) return { type: "vector", samples };
  return { type: "scalar", timestampMs, value: first.value };
}

function failureDifference(expected: readonly TextExpectation[], thrown: unknown): string | undefined {
  const message = messageOf(thrown);
  if (expected.length === 0) return `failed: ${message}`;
  const unmet = expected.find((expectation) => !fits(expectation, message));
  if (unmet === undefined) return undefined;
  return `expected the failure ${describe(unmet)}, got ${message}`;
}

function annotationDifference(expectations: Expectations, result: QueryResult): string | undefined {
  if (expectations.noWarnings && result.warnings.length > 0) return `unexpected warning ${result.warnings.join("; ")}`;
  if (expectations.noInfos && result.infos.length > 0) return `unexpected info ${result.infos.join("; ")}`;
  return (
    textsDifference("warning", expectations.warnings, result.warnings) ??
    textsDifference("info", expectations.infos, result.infos)
  );
}

/** Every expectation is met and every annotation expected; without expectations nothing matters. */
function textsDifference(
  what: "warning" | "info",
  expected: readonly TextExpectation[],
  got: readonly string[],
): string | undefined {
  if (expected.length === 0) return undefined;
  const unmet = expected.findIndex((expectation) => !got.some((text) => fits(expectation, text)));
  if (unmet >= 0) return `expected the ${what} ${describe(expected[unmet])}, got ${got.join("; ") || "none"}`;
  const extra = got.find((text) => !expected.some((expectation) => fits(expectation, text)));
  return extra === undefined ? undefined : `unexpected ${what} ${extra}`;
}

function fits(expectation: TextExpectation, text: string): boolean {
  if (expectation === undefined) return true;
  if (expectation.kind === "exact") return expectation.text === text;
  return RE2JS.compile(expectation.pattern).matcher(text).find();
}

function describe(expectation: TextExpectation): string {
  if (expectation === undefined) return "of any text";
  return expectation.kind === "exact" ? expectation.text : `/${expectation.pattern}/`;
}
