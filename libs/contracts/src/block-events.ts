/** What became of a block, published as JSON to `events.block`. */
export interface BlockEvent {
  /** `raw`, `5m` or `1h`. */
  readonly resolution: string;
  /** Start of what it covers, epoch ms. */
  readonly startMs: number;
  readonly state: "building" | "ready" | "set_aside" | "dropped";
  readonly generation: number;
  readonly series: number;
  readonly samples: number;
  readonly bytes: number;
  /** Why it was set aside or dropped, or empty. */
  readonly reason: string;
  /** The process that says so. */
  readonly holder: string;
  /** Epoch ms. */
  readonly atMs: number;
}

/** Asks every compactor what it works on; each answers with one {@link RunningBlocks} as JSON. */
export const RUNNING_BLOCKS_SUBJECT = "questions.running-blocks";

/** What one compactor works on. */
export interface RunningBlocks {
  readonly replica: string;
  readonly running: readonly RunningBlock[];
}

/** A block that is worked on right now. */
export interface RunningBlock {
  readonly resolution: string;
  readonly startMs: number;
  /** `raw`, `buckets`, or `drop` while rows are removed. */
  readonly kind: string;
  readonly startedMs: number;
  /** Rows or chunks read, and to be read; 0 as long as it is not known. */
  readonly done: number;
  readonly total: number;
}
