import type { ServiceScope } from "@monotreme/lifecycle";
import type { Tiers } from "@monotreme/retention";
import type { Logger } from "@monotreme/telemetry";
import { type EmbeddedPartName, type EmbeddedPartsOptions, startEmbeddedParts } from "./embedded/embedded-parts.ts";
import type { StandaloneMetrics } from "./metrics.ts";

export interface PartsOptions {
  readonly storagePath: string;
  readonly natsUrl?: string | undefined;
  readonly redisUrl?: string | undefined;
  readonly clickhouseUrl?: string | undefined;
  /** The servers that are needed at all; all of them when not given. */
  readonly needs?: readonly EmbeddedPartName[];
  /** Where a server is to listen that others have to find; any free port when not given. */
  readonly ports?: EmbeddedPartsOptions["ports"];
  /** Disks of a ClickHouse that is started here. */
  readonly tiers?: Tiers | undefined;
  readonly logger: Logger;
  readonly metrics: StandaloneMetrics;
}

/**
 * Where NATS, Redis and ClickHouse are: those given, or those started beside this process; empty for one that nobody
 * needs. They hold credentials.
 */
export interface PartUrls {
  readonly nats: string;
  readonly redis: string;
  readonly clickhouse: string;
}

const ALL = ["nats", "redis", "clickhouse"] as const;

/** Starts the servers that were not given; they are stopped last. */
export async function startParts(options: PartsOptions, scope: ServiceScope): Promise<PartUrls> {
  const given: Record<EmbeddedPartName, string | undefined> = {
    nats: options.natsUrl,
    redis: options.redisUrl,
    clickhouse: options.clickhouseUrl,
  };
  const which = (options.needs ?? ALL).filter((part) => given[part] === undefined);
  const { metrics, storagePath, logger } = options;
  for (const part of which) metrics.partRestarts.inc({ part }, 0);
  const parts = await scope.acquire("embedded-parts", () =>
    startEmbeddedParts({
      storagePath,
      which,
      ports: options.ports ?? {},
      tiers: options.tiers,
      logger,
      onRestart: (part) => metrics.partRestarts.inc({ part }),
    }),
  );
  const urlOf = (part: EmbeddedPartName): string => given[part] ?? parts.servers[part]?.url ?? "";
  return { nats: urlOf("nats"), redis: urlOf("redis"), clickhouse: urlOf("clickhouse") };
}
