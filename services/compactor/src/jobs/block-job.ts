import type { BlockKey, BlockNumbers, BlockRecord } from "@monotreme/storage";

/** What a job works with; whatever it does is undone by nothing but a later generation of the same block. */
export interface JobContext {
  /** This attempt, noted as `building`. */
  readonly record: BlockRecord;
  /** What readers use of the block now, if there is anything. */
  readonly current: BlockRecord | undefined;
  /** Aborted when the lease is lost or the process ends. */
  readonly signal: AbortSignal;
  /** Throws where the lease is not held at this moment; to be called before each insert. */
  readonly guard: () => void;
  /** To be called between series, and awaited where it is not undefined, so that the process stays responsive. */
  readonly breathe: () => Promise<void> | undefined;
  /** Work done and to be done, in rows or windows, as far as it is known. */
  readonly onProgress: (done: number, total: number) => void;
}

/** What a job made. */
export interface JobResult {
  /** What the block was made of, as the catalog names it. */
  readonly inputs: readonly string[];
  /** Of the whole block. */
  readonly numbers: BlockNumbers;
  readonly samplesRead: number;
  readonly samplesWritten: number;
  readonly bytesWritten: number;
}

/** Makes one block; throws where it cannot. */
export type BlockJob = (context: JobContext) => Promise<JobResult>;

/** A window of raw samples that buckets are made of. */
export interface SourceWindow {
  readonly startMs: number;
  /** Of its raw block. */
  readonly generation: number;
}

/** Which buckets of a 5m or 1h block are to be made again, and which are kept. */
export interface BucketJobPlan {
  readonly key: BlockKey;
  /** Their buckets are made from finer data. */
  readonly remake: readonly SourceWindow[];
  /** Their buckets are taken over from the current generation of the block. */
  readonly keep: readonly SourceWindow[];
}

/** What makes 5m and 1h blocks; the numbers it returns are those of the whole block. */
export type BucketMaker = (plan: BucketJobPlan, context: JobContext) => Promise<Omit<JobResult, "inputs">>;
