import type { Leases } from "@monotreme/bus";
import { type Clock, SYSTEM_CLOCK } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { RetentionPolicies } from "@monotreme/retention";
import { LeasedLoop } from "../leased-loop.ts";
import { enforceRetention, type RetentionOptions } from "./enforce-retention.ts";

export interface StartRetentionOptions extends RetentionOptions {
  readonly policies: RetentionPolicies;
  readonly leases: Leases;
  readonly clock?: Clock;
  /** Between two runs. */
  readonly intervalMs?: number;
  /** Runs after each retention, such as moving partitions between volumes; a fault of it is a fault of the run. */
  readonly afterwards?: ((run: { readonly nowMs: number; readonly signal: AbortSignal }) => Promise<void>) | undefined;
}

/** One compactor of all looks for what is to be forgotten. */
export const RETENTION_LEASE = "compactor.retention";

const DEFAULT_INTERVAL_MS = 600_000;

/** Enforces retention at once and every ten minutes for as long as this process holds the lease of it. */
export function startRetention(options: StartRetentionOptions): LeasedLoop {
  const { leases, clock = SYSTEM_CLOCK, intervalMs = DEFAULT_INTERVAL_MS } = options;
  const { policies, logger, metrics, afterwards } = options;
  return new LeasedLoop({
    leases,
    key: RETENTION_LEASE,
    clock,
    intervalMs,
    run: async (signal) => {
      const nowMs = clock.now();
      await enforceRetention(options, { policy: policies.current, nowMs, signal });
      await afterwards?.({ nowMs, signal });
      metrics.runs.inc({ result: "success" });
      metrics.lastSuccess.set(nowMs / 1000);
    },
    onError: (error) => {
      metrics.runs.inc({ result: "failure" });
      logger.warn({ err: error, reason: messageOf(error) }, "retention failed, and is tried again");
    },
  });
}
