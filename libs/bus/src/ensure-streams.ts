import { ALERTS_STREAM, DEADLETTER_STREAM, EVENTS_STREAM, PINGS_STREAM, SAMPLES_STREAM } from "@monotreme/contracts";
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import type { Bus } from "./connect-bus.ts";
import { translateBusError } from "./translate-error.ts";
import { untilAvailable } from "./until-available.ts";

export interface StreamOptions {
  /** How much of `SAMPLES` may wait for the ingesters; above it senders get 503. */
  readonly samplesMaxBytes: number;
  readonly deadletterMaxBytes: number;
  /** 1 alone, 3 in a cluster. */
  readonly replicas: number;
}

/** Some hundred thousand alert events: an alertmanager that is away for long; senders repeat what is refused. */
const ALERTS_MAX_BYTES = 256 * 2 ** 20;
const EVENTS_MAX_BYTES = 64 * 2 ** 20;
const PINGS_MAX_BYTES = 512 * 2 ** 20;

const MINUTE_NS = 60_000_000_000;
const DAY_NS = 24 * 60 * MINUTE_NS;

/** Creates the streams, or brings their sizes up to date; safe from several processes at once. */
export async function ensureStreams(bus: Bus, options: StreamOptions): Promise<void> {
  await ensureStream(bus, {
    name: SAMPLES_STREAM,
    subjects: ["samples.>"],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_bytes: options.samplesMaxBytes,
    num_replicas: options.replicas,
    duplicate_window: 2 * MINUTE_NS,
  });
  await ensureStream(bus, {
    name: DEADLETTER_STREAM,
    subjects: ["deadletter.>"],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_bytes: options.deadletterMaxBytes,
    max_age: 30 * DAY_NS,
    num_replicas: options.replicas,
  });
}

/** Creates the streams of alert events and of what the console shows live; safe from several processes at once. */
export async function ensureAlertStreams(bus: Bus, replicas: number): Promise<void> {
  await ensureStream(bus, {
    name: ALERTS_STREAM,
    subjects: ["alerts.>"],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_bytes: ALERTS_MAX_BYTES,
    num_replicas: replicas,
    duplicate_window: 2 * MINUTE_NS,
  });
  await ensureStream(bus, {
    name: EVENTS_STREAM,
    subjects: ["events.>"],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_bytes: EVENTS_MAX_BYTES,
    max_age: DAY_NS,
    num_replicas: replicas,
  });
}

/**
 * Creates the stream of pings. What the store has not taken yet is bounded; above that the oldest go first, for a ping's
 * effect on its check is kept elsewhere and must not wait for the history.
 */
export async function ensurePingStream(bus: Bus, replicas: number): Promise<void> {
  await ensureStream(bus, {
    name: PINGS_STREAM,
    subjects: ["pings.>"],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_bytes: PINGS_MAX_BYTES,
    num_replicas: replicas,
    duplicate_window: 2 * MINUTE_NS,
  });
}

async function ensureStream(bus: Bus, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  await untilAvailable(bus, `stream ${config.name}`, async () => updateOrCreate(bus, config));
}

async function updateOrCreate(bus: Bus, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  try {
    await bus.manager.streams.update(config.name, config);
  } catch (error) {
    const isMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
    if (!isMissing) throw translateBusError(error, `update stream ${config.name}`);
    try {
      await bus.manager.streams.add(config);
    } catch (addError) {
      throw translateBusError(addError, `create stream ${config.name}`);
    }
  }
}
