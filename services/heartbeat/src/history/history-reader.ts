import type { PingRecord } from "@monotreme/contracts";
import type { FlipRecord } from "./flip-record.ts";

/** A ping as it is listed; its body is read by itself. */
export type LoggedPing = Omit<PingRecord, "body"> & { readonly bodyBytes: number };

/** Both ends included, epoch ms. */
export interface FlipRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Pings and flips as they were recorded, each as soon as its sender has its answer. Rejects with HEARTBEAT_HISTORY_OFF
 * where there is no store, and with the store's fault while it is away.
 */
export interface HistoryReader {
  /** The newest pings first, at most `limit`. */
  pings(checkId: string, limit: number): Promise<readonly LoggedPing[]>;
  /** Undefined where there is no such ping; empty where it had no body. */
  body(checkId: string, number: number): Promise<Uint8Array | undefined>;
  /** The newest flips first. */
  flips(checkId: string, range: FlipRange): Promise<readonly FlipRecord[]>;
}
