import type { Leases } from "@monotreme/bus";
import { type Clock, sleep } from "@monotreme/clock";
import { type BlockKey, resolutionOf } from "@monotreme/storage";

/** Compactors are told apart from other holders of leases by their names. */
export const LEASE_HOLDER = "compactor";

/**
 * Blocks of one resolution share so many leases, so that the bucket of leases does not grow with the years: 1024 windows
 * are 85 days, and blocks that far apart merely wait for each other.
 */
const LEASES_PER_RESOLUTION = 1024;
const ACQUIRE_WITHIN_MS = 2000;
const POLL_MS = 20;

/** The lease of one block, while it is held; `signal` is aborted at the moment when it is not held any more. */
export interface BlockLease {
  /** Exact at any moment. */
  readonly isHeld: boolean;
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/** Who may write which block. */
export interface BlockLeases {
  /** This process. */
  readonly id: string;
  /** Whether somebody else who lives holds the block's lease, as far as it is known. */
  isElsewhere(key: BlockKey): boolean;
  /** The lease, or undefined where somebody else has it. */
  acquire(key: BlockKey, signal: AbortSignal): Promise<BlockLease | undefined>;
}

/** `compactor.raw.<slot>` and so on. */
export function leaseKeyOf({ resolutionMs, startMs }: BlockKey): string {
  const { name, blockMs } = resolutionOf(resolutionMs);
  const slot = Math.floor(startMs / blockMs) % LEASES_PER_RESOLUTION;
  return `compactor.${name}.${slot < 0 ? slot + LEASES_PER_RESOLUTION : slot}`;
}

/** The leases of the bus, as jobs need them. `onLost` is told of each that went away while a job held it. */
export function blockLeases(leases: Leases, clock: Clock, onLost: () => void): BlockLeases {
  const keptHere = new Set<string>();
  return {
    id: leases.id,
    isElsewhere: (key) => {
      const name = leaseKeyOf(key);
      const holder = leases.holderOf(name);
      return (
        keptHere.has(name) || (holder !== undefined && holder !== leases.id && leases.aliveHolders.includes(holder))
      );
    },
    acquire: async (key, signal) => {
      const name = leaseKeyOf(key);
      if (keptHere.has(name)) return undefined;
      keptHere.add(name);
      const lost = new AbortController();
      let isReleased = false;
      const lease = leases.keep(name, {
        onAcquired: () => undefined,
        onLost: () => {
          if (!isReleased) onLost();
          lost.abort(new Error("the lease of the block was lost"));
        },
      });
      const release = async (): Promise<void> => {
        isReleased = true;
        await lease.release();
        keptHere.delete(name);
      };
      for (let waitedMs = 0; !lease.isHeld && waitedMs < ACQUIRE_WITHIN_MS; waitedMs += POLL_MS) {
        if (signal.aborted) break;
        await sleep(clock, POLL_MS, signal);
      }
      if (!lease.isHeld || lost.signal.aborted) {
        await release();
        return undefined;
      }
      return {
        get isHeld() {
          return lease.isHeld && !lost.signal.aborted;
        },
        signal: lost.signal,
        release,
      };
    },
  };
}
