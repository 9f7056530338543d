import { connectBus, ensureStreams } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import type { ParsedFlags } from "@monotreme/config";
import type { ServiceScope } from "@monotreme/lifecycle";
import { migrateStorage } from "@monotreme/storage";
import type { INGESTER_FLAGS } from "./config.ts";
import { startIngestPipeline } from "./ingest-pipeline.ts";

/** Starts the ingester as a process of its own. */
export async function startIngester(
  { values }: ParsedFlags<typeof INGESTER_FLAGS>,
  scope: ServiceScope,
): Promise<void> {
  const { telemetry } = scope;
  const { registry, logger } = telemetry;
  const listener = await scope.listen(values.listenAddress, "Monotreme ingester");
  const clickhouse = await scope.acquire(
    "clickhouse",
    () => new ClickHouse({ url: values.clickhouseUrl, database: values.clickhouseDatabase }),
  );
  await scope.reach(async () => migrateStorage(clickhouse, { logger, waitMs: 0 }));
  const bus = await scope.acquire("bus", async () =>
    scope.reach(async () =>
      connectBus({ url: values.natsUrl, name: "ingester", logger, registry, connectTimeoutMs: 0 }),
    ),
  );
  await ensureStreams(bus, {
    samplesMaxBytes: values.samplesMaxBytes,
    deadletterMaxBytes: values.deadletterMaxBytes,
    replicas: values.streamReplicas,
  });
  await scope.acquire("ingest-pipeline", () => startIngestPipeline({ bus, clickhouse, telemetry, ...values }));
  listener.markReady();
  logger.info({ address: listener.url, clickhouse: clickhouse.safeUrl }, "ready");
}
