import { type Bus, ensureAlertStreams, Leases, openVersionedBucket } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import { HEARTBEAT_NOTICES_BUCKET, PACKED_FLIPS_SUBJECT } from "@monotreme/contracts";
import type { Telemetry } from "@monotreme/telemetry";
import { createAlertSender } from "../alerts/alert-sender.ts";
import { DownAlerts } from "../alerts/down-alerts.ts";
import { LastWords } from "../alerts/last-words.ts";
import { ChannelRecords } from "../channels/channel-records.ts";
import { Channels } from "../channels/channels.ts";
import type { LastPing } from "../channels/compose-message.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { EventFlips } from "../flips/event-flips.ts";
import type { FlipListener } from "../flips/flip-outbox.ts";
import { HistoryFlips } from "../flips/history-flips.ts";
import { type ClickHouseHistoryReader, openHistory } from "../history/click-house-history-reader.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import { lastPingOf } from "../history/last-ping.ts";
import { PingLog } from "../history/ping-log.ts";
import { createRecordSender } from "../history/record-sender.ts";
import type { HeartbeatMetrics } from "../metrics.ts";
import type { ProjectDirectory } from "../projects/project-directory.ts";

export interface ReportingOptions {
  readonly bus: Bus;
  readonly redisUrl: string;
  /** Undefined: pings wait in their stream and cannot be read back. */
  readonly clickhouse: ClickHouse | undefined;
  /** Copies of streams and buckets. */
  readonly streamReplicas: number;
  readonly retentionMs: number;
  readonly projects: ProjectDirectory;
  readonly externalUrl: string;
  /** As the API shows the check. */
  readonly checkJson: (check: LoadedCheck) => unknown;
  readonly metrics: HeartbeatMetrics;
  readonly telemetry: Telemetry;
  /** Epoch ms. */
  readonly now: () => number;
}

/** All that is told of checks: alerts, live events, history, channels. */
export interface Reporting {
  /** For the core, in the order in which they are told. */
  readonly listeners: readonly FlipListener[];
  readonly history: HistoryReader;
  readonly channels: Pick<Channels, "faultsOf">;
  /** For the core: a check is now so, or gone. */
  readonly onCheck: (id: string, check: LoadedCheck | undefined) => void;
  /** To be called when all checks are loaded. */
  begin(): void;
  close(): Promise<void>;
}

const LEASE = "heartbeat/alerts";
const LEASE_TTL_MS = 15_000;
const ROUND_MS = 10 * 60_000;

/** Opens what the listeners write to; they tell nothing before the core hands them flips. */
export async function startReporting(options: ReportingOptions): Promise<Reporting> {
  const { bus, clickhouse, streamReplicas, retentionMs, metrics } = options;
  const { logger } = options.telemetry;
  await ensureAlertStreams(bus, streamReplicas);
  const checks = new Map<string, LoadedCheck>();
  const history = openHistory(bus, clickhouse);
  const alerts = createAlerts(options, history);
  const channels = await openChannels(options, history, checks);
  const log = clickhouse === undefined ? undefined : new PingLog({ bus, clickhouse, retentionMs, metrics, logger });
  const leases = await Leases.open(bus, { holder: "heartbeat", ttlMs: LEASE_TTL_MS, replicas: streamReplicas });
  const rounds = new Rounds(async () => alerts.tellAll());
  return {
    listeners: [alerts, new EventFlips(bus), new HistoryFlips(createRecordSender(bus, PACKED_FLIPS_SUBJECT)), channels],
    history,
    channels,
    onCheck: (id, check) => {
      if (check === undefined) {
        const before = checks.get(id);
        checks.delete(id);
        alerts.forget(id);
        if (before !== undefined) channels.forget(before);
        return;
      }
      checks.set(id, check);
      alerts.watch(check);
    },
    begin: () => {
      channels.start();
      leases.keep(LEASE, { onAcquired: () => rounds.start(), onLost: () => rounds.stop() });
    },
    close: async () => {
      rounds.stop();
      await leases.close();
      alerts.close();
      await channels.close();
      await log?.close();
    },
  };
}

function createAlerts(options: ReportingOptions, history: ClickHouseHistoryReader): DownAlerts {
  const { bus, projects, externalUrl, now } = options;
  const { logger } = options.telemetry;
  return new DownAlerts({
    sender: createAlertSender(bus),
    lastWords: new LastWords({ newest: async (id) => history.newest(id), logger, now }),
    projectName: (id) => projects.get(id)?.name ?? "",
    externalUrl,
    logger,
    now,
  });
}

async function openChannels(
  options: ReportingOptions,
  history: ClickHouseHistoryReader,
  checks: ReadonlyMap<string, LoadedCheck>,
): Promise<Channels> {
  const { bus, streamReplicas } = options;
  const { logger } = options.telemetry;
  const records = new ChannelRecords(await openVersionedBucket(bus, HEARTBEAT_NOTICES_BUCKET, streamReplicas));
  await records.start();
  const lastPing = async (check: LoadedCheck): Promise<LastPing> => {
    try {
      const ping = await lastPingOf(check, async (id) => history.newest(id), { isNew: true });
      return { body: ping?.body, exitStatus: ping?.exitStatus };
    } catch (error) {
      logger.debug({ err: error }, "a channel is told without the last ping");
      return { body: undefined, exitStatus: undefined };
    }
  };
  return new Channels({ ...options, records, logger, lastPing, checkOf: (id) => checks.get(id) });
}

/** Repeats a task that never rejects: at once, and then every so often. */
class Rounds {
  readonly #task: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;

  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  start(): void {
    this.stop();
    void this.#task();
    this.#timer = setInterval(() => void this.#task(), ROUND_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
