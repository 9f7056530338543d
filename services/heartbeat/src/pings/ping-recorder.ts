import { encodePingRecord, type PingRecord, pingsSubject } from "@monotreme/contracts";
import type { CheckState } from "../checks/check.ts";
import type { CheckStore, LoadedCheck } from "../checks/check-store.ts";
import { applyPing, type PingAction } from "../checks/transitions.ts";
import type { RecordSender } from "../history/record-sender.ts";
import type { HeartbeatMetrics } from "../metrics.ts";

/** A ping as it came in, its action already settled by method and keywords. */
export interface IncomingPing {
  readonly action: PingAction;
  readonly scheme: string;
  readonly remoteAddress: string;
  readonly method: string;
  readonly userAgent: string;
  readonly runId: string | undefined;
  readonly exitStatus: number | undefined;
  readonly body: Uint8Array;
}

export interface PingRecorderOptions {
  readonly store: CheckStore;
  readonly sender: Pick<RecordSender, "send" | "sendAlone">;
  readonly metrics: HeartbeatMetrics;
  readonly now: () => number;
  /** Bodies longer than this keep their newest end. */
  readonly bodyLimitBytes: number;
}

/** Takes pings: what they do to their check, then the record of them. Both are durable when `record` resolves. */
export class PingRecorder {
  readonly #options: PingRecorderOptions;

  constructor(options: PingRecorderOptions) {
    this.#options = options;
  }

  /** False where there is no such check. */
  async record(checkId: string, ping: IncomingPing): Promise<boolean> {
    const { store, sender, metrics, now, bodyLimitBytes } = this.#options;
    const atMs = now();
    let type: PingAction = ping.action;
    let isNews = false;
    const check = await store.update(checkId, (current) => {
      const { definition, timing } = current;
      const event = { action: ping.action, atMs, runId: ping.runId };
      const { state, flips, action } = applyPing(current.state, timing, event, definition);
      type = action;
      isNews = flips.length > 0;
      return { ...current, state, unsentFlips: [...current.unsentFlips, ...flips] };
    });
    if (check === undefined) return false;
    metrics.pings.inc({ type });
    const record: PingRecord = {
      ...ping,
      checkId,
      project: check.definition.project,
      number: check.state.pingCount,
      atMs,
      type,
      durationMs: durationOf(check.state, type),
      body: newestEnd(ping.body, bodyLimitBytes),
    };
    const message = { subject: pingsSubject(checkId), data: encodePingRecord(record), messageId: messageIdOf(check) };
    // Whoever tells of a flip looks for the ping that made it under its own subject.
    await (isNews ? sender.sendAlone(message) : sender.send(message));
    return true;
  }
}

/** Only the ping that ended a run has its duration. */
function durationOf({ lastDurationMs }: CheckState, type: PingAction): number | undefined {
  return type === "success" || type === "fail" ? lastDurationMs : undefined;
}

function newestEnd(body: Uint8Array, limitBytes: number): Uint8Array {
  return body.length > limitBytes ? body.subarray(body.length - limitBytes) : body;
}

function messageIdOf({ definition, state }: LoadedCheck): string {
  return `${definition.id}/${state.pingCount}`;
}
