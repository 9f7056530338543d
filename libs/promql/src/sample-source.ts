import type { Matcher } from "@monotreme/model";
import type { SeriesSamples } from "./value.ts";

/** What one selector of a query needs. */
export interface SelectRequest {
  readonly matchers: readonly Matcher[];
  /** Samples with `afterMs < timestamp ≤ untilMs` (left-open, right-closed, as PromQL's windows are). */
  readonly afterMs: number;
  readonly untilMs: number;
  /** The distance of the evaluation steps; 0 for one instant. */
  readonly stepMs: number;
  /** The function or aggregation around the selector, `""` where there is none; a source may read less because of it. */
  readonly functionName: string;
  /** Stops the read; the source then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The source rejects with a `QUERY_TOO_MANY_SAMPLES` error instead of loading more samples than this. */
  readonly maxSamples?: number;
}

/** Where the engine reads samples from. */
export interface SampleSource {
  /** The series that match all matchers and have samples in the range, in any order, each once. */
  select(request: SelectRequest): Promise<readonly SeriesSamples[]>;
}
