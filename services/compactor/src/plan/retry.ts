import type { BlockHistory } from "@monotreme/storage";

const MINUTE_MS = 60_000;

/** After attempts that failed one after the other; the last holds for all further ones. */
const BACKOFF_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS] as const;
/** After an attempt that ended through no fault of the block. */
const INTERRUPTED_MS = 5000;
const SET_ASIDE_MS = 24 * 60 * MINUTE_MS;

/** A block that failed so often is set aside. */
export const MAX_ATTEMPTS = 5;
/** So many processes that died while they worked on one block are no accident. */
export const MAX_ABANDONED = 20;

/** When a block may be tried again, by the server's clock: at once, unless its last attempt failed. */
export function retryAtMs(history: BlockHistory | undefined): number {
  if (history === undefined) return -Infinity;
  const { latest } = history;
  if (latest.state === "set_aside") return latest.updatedMs + SET_ASIDE_MS;
  if (latest.state !== "building" || latest.reason === "") return -Infinity;
  if (latest.attempts === 0) return latest.updatedMs + INTERRUPTED_MS;
  return latest.updatedMs + (BACKOFF_MS[Math.min(latest.attempts, BACKOFF_MS.length) - 1] ?? 0);
}

/** Failed attempts of a block up to now; one that is ready begins anew. */
export function attemptsSoFar(history: BlockHistory | undefined): number {
  if (history === undefined) return 0;
  const { latest } = history;
  return latest.state === "building" || latest.state === "set_aside" ? latest.attempts : 0;
}
