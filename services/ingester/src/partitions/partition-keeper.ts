import type { Logger } from "@monotreme/telemetry";
import type { IngesterMetrics } from "../metrics.ts";
import type { PartitionLane } from "./partition-lane.ts";

/** A running lane, as its keeper needs it. */
export type KeptLane = Pick<PartitionLane, "close">;

export interface PartitionKeeperOptions<L extends KeptLane> {
  /** Starts a lane; `onTaken` tells that another owner was found. */
  readonly startLane: (partition: number, onTaken: () => void) => L;
  /** A lane found another owner although this process held the partition's lease. */
  readonly onTaken: (partition: number) => void;
  readonly metrics: Pick<IngesterMetrics, "partitionChanges" | "ownedPartitions">;
  readonly logger: Logger;
}

interface Ending {
  readonly lane: KeptLane;
  readonly done: Promise<void>;
}

/** The lanes of the partitions that this process owns now: at most one for each, also while one ends and comes again. */
export class PartitionKeeper<L extends KeptLane> {
  readonly #options: PartitionKeeperOptions<L>;
  readonly #lanes = new Map<number, L>();
  /** The next lane of a partition waits for the end of the last. */
  readonly #endings = new Map<number, Ending>();

  constructor(options: PartitionKeeperOptions<L>) {
    this.#options = options;
  }

  /** The running lanes by partition. */
  get lanes(): ReadonlyMap<number, L> {
    return this.#lanes;
  }

  /** The partition is this process' from now on, unless it is lost again while its last lane ends. */
  acquired(partition: number, isStillOwned: () => boolean): void {
    this.#options.metrics.partitionChanges.inc({ change: "acquired" });
    const start = (): void => {
      if (isStillOwned() && !this.#lanes.has(partition)) this.#start(partition);
    };
    const ending = this.#endings.get(partition);
    if (ending === undefined) start();
    else void ending.done.then(start);
  }

  /** Another ingester may read the partition at once: what is not written yet is left to it. */
  lost(partition: number): void {
    const lane = this.#lanes.get(partition) ?? this.#endings.get(partition)?.lane;
    if (lane === undefined) return;
    this.#options.metrics.partitionChanges.inc({ change: "lost" });
    this.#options.logger.warn({ partition }, "partition lost, its next owner continues");
    const now = AbortSignal.abort(new Error("the partition was lost"));
    void this.#end(partition, now);
    void lane.close(now).catch(() => undefined);
  }

  /** Ends the lane in order: what it pulled is stored when this resolves, or a plan for it is written down. */
  async handOver(partition: number, deadline: AbortSignal): Promise<void> {
    if (!this.#lanes.has(partition)) return;
    this.#options.metrics.partitionChanges.inc({ change: "handed_over" });
    this.#options.logger.info({ partition }, "partition handed over");
    await this.#end(partition, deadline);
  }

  /** Ends all lanes in order, until the deadline. */
  async close(deadline: AbortSignal): Promise<void> {
    await Promise.all([...this.#lanes.keys()].map(async (partition) => this.#end(partition, deadline)));
    await Promise.all([...this.#endings.values()].map(async ({ done }) => done));
  }

  #start(partition: number): void {
    const onTaken = (): void => {
      this.#options.metrics.partitionChanges.inc({ change: "taken" });
      this.#options.logger.warn({ partition }, "partition belongs to another ingester");
      this.#options.onTaken(partition);
    };
    this.#lanes.set(partition, this.#options.startLane(partition, onTaken));
    this.#options.metrics.ownedPartitions.set(this.#lanes.size);
    this.#options.logger.info({ partition }, "partition taken");
  }

  /** Never rejects: what a lane could not write stays in the stream. */
  async #end(partition: number, deadline: AbortSignal): Promise<void> {
    const lane = this.#lanes.get(partition);
    if (lane === undefined) return;
    this.#lanes.delete(partition);
    this.#options.metrics.ownedPartitions.set(this.#lanes.size);
    const done = lane.close(deadline).catch((error: unknown) => {
      this.#options.logger.error({ err: error, partition }, "partition not ended in order");
    });
    const ending: Ending = { lane, done };
    this.#endings.set(partition, ending);
    await done;
    if (this.#endings.get(partition) === ending) this.#endings.delete(partition);
  }
}
