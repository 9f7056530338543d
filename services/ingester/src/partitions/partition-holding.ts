import { type Leases, LeaseShare } from "@monotreme/bus";
import type { KeptLane, PartitionKeeper } from "./partition-keeper.ts";

/** Ingesters are told apart from other holders of leases by their names. */
export const LEASE_HOLDER = "ingester";

const KEY_PREFIX = "ingester.partition.";
/** How long a batch in flight may take when a partition goes to another ingester; its plan goes with it otherwise. */
const HAND_OVER_WITHIN_MS = 10_000;
const RESTART_AFTER_MS = 1000;

/** Which partitions this process reads. */
export interface PartitionHolding {
  /** Whether nobody else may read the partition right now; exact at any moment. */
  isOwned(partition: number): boolean;
  /** One more partition is to be read by somebody; harmless for one that is known. */
  add(partition: number): void;
  /** The partition turned out to be somebody else's. */
  giveUp(partition: number): void;
  /** Ends all lanes in order, until the deadline, and lets others begin. */
  close(deadline: AbortSignal): Promise<void>;
}

/** All partitions, at once and for good: for a process that has the stream for itself. */
export function holdAllPartitions<L extends KeptLane>(
  keeper: PartitionKeeper<L>,
  partitions: number,
): PartitionHolding {
  const known = new Set<number>();
  let isClosed = false;
  const isOwned = (): boolean => !isClosed;
  const add = (partition: number): void => {
    if (known.has(partition) || isClosed) return;
    known.add(partition);
    keeper.acquired(partition, isOwned);
  };
  for (let partition = 0; partition < partitions; partition++) add(partition);
  return {
    isOwned,
    add,
    giveUp: (partition) => {
      keeper.lost(partition);
      setTimeout(() => keeper.acquired(partition, isOwned), RESTART_AFTER_MS).unref();
    },
    close: async (deadline) => {
      await keeper.close(deadline);
      isClosed = true;
    },
  };
}

/** A fair share of the partitions, by leases: each is read by one living ingester. */
export function sharePartitions<L extends KeptLane>(
  keeper: PartitionKeeper<L>,
  leases: Leases,
  partitions: number,
): PartitionHolding {
  let closeDeadline: AbortSignal | undefined;
  const share = new LeaseShare(
    {
      leases,
      member: LEASE_HOLDER,
      onAcquired: (key) => keeper.acquired(partitionOfKey(key), () => share.isHeld(key)),
      onLost: (key) => keeper.lost(partitionOfKey(key)),
      handOver: async (key) =>
        keeper.handOver(partitionOfKey(key), closeDeadline ?? AbortSignal.timeout(HAND_OVER_WITHIN_MS)),
    },
    Array.from({ length: partitions }, (_, partition) => keyOf(partition)),
  );
  return {
    isOwned: (partition) => share.isHeld(keyOf(partition)),
    add: (partition) => share.add(keyOf(partition)),
    giveUp: (partition) => void share.giveUp(keyOf(partition)),
    close: async (deadline) => {
      closeDeadline = deadline;
      await share.close();
      await keeper.close(deadline);
      await leases.close();
    },
  };
}

function keyOf(partition: number): string {
  return `${KEY_PREFIX}${partition}`;
}

function partitionOfKey(key: string): number {
  return Number(key.slice(KEY_PREFIX.length));
}
