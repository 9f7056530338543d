import type { Labels } from "@monotreme/model";
import type { NativeHistogram } from "../value.ts";

/** One sample of a series line of a script. */
export type ScriptPoint =
  | { readonly kind: "float"; readonly value: number }
  /** `hasHint`: the literal names a counter reset hint, so a comparison looks at it. */
  | { readonly kind: "histogram"; readonly histogram: NativeHistogram; readonly hasHint: boolean }
  | { readonly kind: "stale" }
  | { readonly kind: "none" };

/** A series of a `load` block: point i stands at i · step. */
export interface LoadedSeries {
  readonly labels: Labels;
  readonly points: readonly ScriptPoint[];
  /** Of `@st` lines: start timestamp minus sample timestamp in ms, one a point; undefined: none given. */
  readonly startOffsetsMs: readonly (number | undefined)[] | undefined;
}

export interface LoadCommand {
  readonly kind: "load";
  readonly stepMs: number;
  /** `load_with_nhcb`: classic histograms are also stored as native ones with custom buckets. */
  readonly withCustomBuckets: boolean;
  readonly series: readonly LoadedSeries[];
}

/** What an annotation's or error's text has to be; undefined: anything. */
export type TextExpectation =
  | undefined
  | { readonly kind: "exact"; readonly text: string }
  | { readonly kind: "pattern"; readonly pattern: string };

export interface EvaluationRange {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for one instant. */
  readonly stepMs: number;
}

export interface ExpectedSeries {
  readonly labels: Labels;
  readonly points: readonly ScriptPoint[];
}

export interface Expectations {
  readonly ordered: boolean;
  readonly fails: readonly TextExpectation[];
  readonly warnings: readonly TextExpectation[];
  readonly infos: readonly TextExpectation[];
  readonly noWarnings: boolean;
  readonly noInfos: boolean;
  readonly string: string | undefined;
  /** Timestamps of a matrix that an instant query gives. */
  readonly matrixRange: EvaluationRange | undefined;
  readonly scalar: number | undefined;
  readonly series: readonly ExpectedSeries[];
}

export interface EvaluationCommand {
  readonly kind: "evaluate";
  readonly line: number;
  readonly query: string;
  readonly range: EvaluationRange;
  readonly expectations: Expectations;
  /** A native histogram literal occurs among the expectations or in what is loaded at this point. */
  readonly usesHistograms: boolean;
}

export interface ClearCommand {
  readonly kind: "clear";
}

export type ScriptCommand = LoadCommand | EvaluationCommand | ClearCommand;
