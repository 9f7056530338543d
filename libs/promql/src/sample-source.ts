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
  /** The window of a range selector, the lookback of an instant one. Absent, as the next three, where no query reads. */
  readonly rangeMs?: number;
  readonly isRange?: boolean;
  /** Where the window of the first step ends, offset and `@` applied. */
  readonly firstEndMs?: number;
  /** Where the window of the last step ends. */
  readonly lastEndMs?: number;
  /**
   * The coarsest resolution that the source may answer from; `"auto"`: as coarse as costs the query nothing (see
   * `chooseResolution`). Absent or 0: samples as they were written, while these exist.
   */
  readonly maxResolutionMs?: number | "auto";
  /** The function or aggregation around the selector, `""` where there is none; a source may read less because of it. */
  readonly functionName: string;
  /** Stops the read; the source then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The source rejects with a `QUERY_TOO_MANY_SAMPLES` error instead of loading more samples than this. */
  readonly maxSamples?: number;
}

/** Where the engine reads samples from. */
export interface SampleSource {
  /**
   * The series that match all matchers and have samples in the range, in any order, each once. All have the same
   * resolution; downsampled ones cover the range that `alignedRequest` gives for it.
   */
  select(request: SelectRequest): Promise<readonly SeriesSamples[]>;
}
