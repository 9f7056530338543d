import { Labels } from "@monotreme/model";
import type { QueryResult } from "@monotreme/promql";

/** What a range query answered: points by series and time, or why it was refused. */
export type Answer =
  | { readonly kind: "points"; readonly series: ReadonlyMap<string, ReadonlyMap<number, number>> }
  | { readonly kind: "refused"; readonly message: string };

interface ApiMatrix {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [number, string])[];
  }[];
}

interface ApiAnswer {
  readonly status: "success" | "error";
  readonly data?: ApiMatrix;
  readonly error?: string;
}

export interface RangeQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** Asks `/api/v1/query_range`. */
export async function askRange(url: string, query: string, range: RangeQuery): Promise<Answer> {
  const body = new URLSearchParams({
    query,
    start: String(range.startMs / 1000),
    end: String(range.endMs / 1000),
    step: String(range.stepMs / 1000),
  });
  const response = await fetch(`${url}/api/v1/query_range`, { method: "POST", body });
  const answer = (await response.json()) as ApiAnswer;
  if (answer.data === undefined) return { kind: "refused", message: answer.error ?? `${response.status}` };
  const series = answer.data.result.map(({ metric, values }): [string, ReadonlyMap<number, number>] => [
    Labels.fromObject(metric).toString(),
    new Map(values.map(([seconds, text]) => [Math.round(seconds * 1000), valueOf(text)])),
  ]);
  return { kind: "points", series: new Map(series) };
}

function valueOf(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

/** The same of our engine's own result. */
export function answerOf({ value }: QueryResult): Answer {
  if (value.type !== "matrix") return { kind: "refused", message: `a ${value.type}` };
  const series = value.series.map(({ labels, timestamps, values }): [string, ReadonlyMap<number, number>] => [
    labels.toString(),
    new Map(Array.from(timestamps, (timestampMs, i) => [timestampMs, values[i] ?? Number.NaN])),
  ]);
  return { kind: "points", series: new Map(series) };
}

const TOLERANCE = 1e-9;

/** The first difference between two answers, in words; undefined where there is none. */
export function answerDifference(expected: Answer, got: Answer): string | undefined {
  if (expected.kind === "refused" || got.kind === "refused") {
    if (expected.kind === got.kind) return undefined;
    return expected.kind === "refused" ? `not refused: ${expected.message}` : `refused: ${messageOf(got)}`;
  }
  for (const [labels, points] of expected.series) {
    const ours = got.series.get(labels);
    if (ours === undefined) return `${labels} is missing`;
    for (const [timestampMs, value] of points) {
      const other = ours.get(timestampMs);
      if (other === undefined || !isClose(value, other)) return `${labels} at ${timestampMs}: ${value}, got ${other}`;
    }
    if (ours.size !== points.size) return `${labels} has ${ours.size} points instead of ${points.size}`;
  }
  const more = [...got.series.keys()].find((labels) => !expected.series.has(labels));
  return more === undefined ? undefined : `${more} is too much`;
}

function messageOf(answer: Answer): string {
  return answer.kind === "refused" ? answer.message : "";
}

function isClose(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b), TOLERANCE);
}
