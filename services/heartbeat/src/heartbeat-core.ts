import { type Bus, ensurePingStream, openVersionedBucket, type VersionedBucket } from "@monotreme/bus";
import { CHECKS_BUCKET, PACKED_PINGS_SUBJECT } from "@monotreme/contracts";
import type { Telemetry } from "@monotreme/telemetry";
import { CheckStore, type LoadedCheck } from "./checks/check-store.ts";
import { expire } from "./checks/transitions.ts";
import { DeadlineKeeper } from "./deadlines/deadline-keeper.ts";
import { DeadlineQueue } from "./deadlines/deadline-queue.ts";
import { type FlipListener, FlipOutbox } from "./flips/flip-outbox.ts";
import { createRecordSender } from "./history/record-sender.ts";
import type { HeartbeatMetrics } from "./metrics.ts";
import { PingRecorder } from "./pings/ping-recorder.ts";
import { SharedTurn } from "./shared-turn.ts";

export interface HeartbeatCoreOptions {
  readonly bus: Bus;
  readonly redisUrl: string;
  /** Copies of streams and buckets: 1 alone, 3 in a cluster. */
  readonly streamReplicas: number;
  readonly bodyLimitBytes: number;
  readonly listeners: readonly FlipListener[];
  /** Called when a check appears, changes or goes, before its flips are handed on; also for every check while loading. */
  readonly onCheck?: (id: string, check: LoadedCheck | undefined) => void;
  readonly telemetry: Telemetry;
  readonly metrics: HeartbeatMetrics;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Checks, their deadlines and what is told of them. */
export interface HeartbeatCore {
  readonly store: CheckStore;
  readonly recorder: PingRecorder;
  close(): Promise<void>;
}

/** Loads all checks and watches over them; resolves when every deadline is on its way into the queue. */
export async function startHeartbeatCore(options: HeartbeatCoreOptions): Promise<HeartbeatCore> {
  const { bus, redisUrl, streamReplicas, listeners, metrics, now } = options;
  const { logger } = options.telemetry;
  await ensurePingStream(bus, streamReplicas);
  const turn = new SharedTurn();
  const bucket = await openVersionedBucket(bus, CHECKS_BUCKET, streamReplicas);
  const store: CheckStore = new CheckStore({
    bucket: sharingTurns(bucket, turn),
    logger,
    onChange: (id, check) => {
      metrics.checks.set(store.size);
      options.onCheck?.(id, check);
      if (check === undefined) return keeper.forget(id);
      keeper.watch(check);
      outbox.watch(check);
    },
  });
  const outbox: FlipOutbox = new FlipOutbox({ store, listeners, isBusy: () => keeper.isLate, metrics, logger });
  const keeper: DeadlineKeeper = new DeadlineKeeper({
    add: async (moments) => queue.add(moments, now()),
    look: async (checkId) => look(store, keeper, checkId, now()),
    now,
    checks: () => store.all(),
    metrics,
    logger,
  });
  const queue = new DeadlineQueue({
    redisUrl,
    logger,
    onDue: async (dueMs) => keeper.cameDue(dueMs),
    onLost: () => keeper.rearmAll(),
  });
  await store.start();
  const sender = createRecordSender(bus, PACKED_PINGS_SUBJECT, turn);
  const recorder = new PingRecorder({ ...options, store, sender });
  const close = async (): Promise<void> => {
    await queue.close();
    await keeper.close();
    await outbox.close();
    await store.close();
  };
  return { store, recorder, close };
}

/** The bucket, its writes gathered by turns. */
function sharingTurns(bucket: VersionedBucket, turn: SharedTurn): VersionedBucket {
  return {
    follow: async (onEntry) => bucket.follow(onEntry),
    put: async (key, value, lastRevision) => {
      await turn.end();
      return bucket.put(key, value, lastRevision);
    },
    get: async (key) => bucket.get(key),
    remove: async (key) => bucket.remove(key),
    close: async () => bucket.close(),
  };
}

/** Takes the check down if its deadline has passed; takes note of its next deadline otherwise. */
async function look(store: CheckStore, keeper: DeadlineKeeper, checkId: string, nowMs: number): Promise<void> {
  const check = await store.update(checkId, (current) => {
    const { state, flips } = expire(current.state, current.timing, nowMs);
    return flips.length === 0 ? undefined : { ...current, state, unsentFlips: [...current.unsentFlips, ...flips] };
  });
  if (check !== undefined) keeper.watch(check);
}
