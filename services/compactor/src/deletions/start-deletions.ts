import type { Leases } from "@monotreme/bus";
import { type Clock, SYSTEM_CLOCK } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import { LeasedLoop } from "../leased-loop.ts";
import { sweepDeletions, type SweepOptions } from "./sweep-deletions.ts";

export interface StartDeletionsOptions extends Omit<SweepOptions, "leases"> {
  /** Of single blocks. */
  readonly leases: SweepOptions["leases"];
  /** Of this process. */
  readonly allLeases: Leases;
  readonly clock?: Clock;
  /** Between two sweeps. */
  readonly intervalMs?: number;
}

/** One compactor of all writes blocks without deleted samples. */
export const DELETIONS_LEASE = "compactor.deletions";

const DEFAULT_INTERVAL_MS = 15_000;

/** Sweeps at once and every 15 seconds for as long as this process holds the lease of it. */
export function startDeletions(options: StartDeletionsOptions): LeasedLoop {
  const { allLeases, clock = SYSTEM_CLOCK, intervalMs = DEFAULT_INTERVAL_MS, logger, metrics } = options;
  return new LeasedLoop({
    leases: allLeases,
    key: DELETIONS_LEASE,
    clock,
    intervalMs,
    run: async (signal) => void (await sweepDeletions(options, signal)),
    onError: (error) => {
      metrics.failures.inc();
      logger.warn({ reason: messageOf(error) }, "deletions were not carried on, and are tried again");
    },
  });
}
