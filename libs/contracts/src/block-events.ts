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
