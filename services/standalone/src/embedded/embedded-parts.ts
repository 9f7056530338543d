import { resolve } from "node:path";
import type { Tiers } from "@monotreme/retention";

import { startEmbeddedClickHouse } from "./clickhouse.ts";
import type { EmbeddedServer } from "./embedded-server.ts";
import { startEmbeddedNats } from "./nats.ts";
import type { ProcessLogger } from "./process-logger.ts";
import { startEmbeddedRedis } from "./redis.ts";

/** The servers that standalone can run beside itself. */
export type EmbeddedPartName = "nats" | "redis" | "clickhouse";

export interface EmbeddedPartsOptions {
  /** Each part gets the folder of its name in here. */
  readonly storagePath: string;
  readonly which: readonly EmbeddedPartName[];
  /** A part without one gets any free port. */
  readonly ports?: Readonly<Partial<Record<EmbeddedPartName, number>>>;
  /** Disks of ClickHouse beside its folder. */
  readonly tiers?: Tiers | undefined;
  readonly logger: ProcessLogger;
  /** Called each time a part died and is started again. */
  readonly onRestart?: (part: EmbeddedPartName) => void;
}

/** The running parts; only those that were asked for are there. The URLs hold credentials: never log them. */
export interface EmbeddedParts {
  readonly servers: Readonly<Partial<Record<EmbeddedPartName, EmbeddedServer>>>;
  /** Stops all parts at once; finishes even if one fails, and then throws what failed. */
  close(deadline: AbortSignal): Promise<void>;
}

const STARTERS = {
  nats: startEmbeddedNats,
  redis: startEmbeddedRedis,
  clickhouse: startEmbeddedClickHouse,
} as const;

/** Starts the parts side by side. When one does not start, the others are stopped again before the error is thrown. */
export async function startEmbeddedParts(options: EmbeddedPartsOptions): Promise<EmbeddedParts> {
  const { storagePath, which, logger, onRestart } = options;
  const servers: Partial<Record<EmbeddedPartName, EmbeddedServer>> = {};
  const close = async (deadline: AbortSignal): Promise<void> => {
    const results = await Promise.allSettled(Object.values(servers).map(async (server) => server.close(deadline)));
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (failures.length > 0) throw failures[0];
  };
  const starts = which.map(async (part) => {
    const dataPath = resolve(storagePath, part);
    const port = options.ports?.[part];
    const onPartRestart = (): void => onRestart?.(part);
    servers[part] = await STARTERS[part]({
      dataPath,
      ...(port === undefined ? {} : { port }),
      tiers: options.tiers,
      logger,
      onRestart: onPartRestart,
    });
  });
  const failed = (await Promise.allSettled(starts)).find((result) => result.status === "rejected");
  if (failed !== undefined) {
    await close(AbortSignal.timeout(5_000));
    throw failed.reason;
  }
  return { servers, close };
}
