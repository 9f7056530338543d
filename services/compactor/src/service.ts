import { connectBus, ensureAlertStreams } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import type { ParsedFlags } from "@monotreme/config";
import { createApp, routePrefixOf } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";
import { migrateStorage } from "@monotreme/storage";
import { startCompacting } from "./compactor.ts";
import type { COMPACTOR_FLAGS } from "./config.ts";

const BODY_LIMIT_BYTES = 64 * 1024;

/** Starts the compactor as a process of its own. */
export async function startCompactor(
  { values }: ParsedFlags<typeof COMPACTOR_FLAGS>,
  scope: ServiceScope,
): Promise<void> {
  const { telemetry } = scope;
  const { registry, logger } = telemetry;
  const listener = await scope.listen(values.listenAddress, "Monotreme compactor", {
    routePrefix: routePrefixOf(values),
  });
  const clickhouse = await scope.acquire(
    "clickhouse",
    () => new ClickHouse({ url: values.clickhouseUrl, database: values.clickhouseDatabase }),
  );
  const bus = await scope.acquire("bus", () =>
    connectBus({ url: values.natsUrl, name: "compactor", logger, registry }),
  );
  await ensureAlertStreams(bus, values.streamReplicas);
  await migrateStorage(clickhouse, { logger });
  const compactor = await scope.acquire("compactor", () => startCompacting({ ...values, bus, clickhouse, telemetry }));
  scope.onReload(async () => compactor.reload());
  const app = createApp({ telemetry, bodyLimitBytes: BODY_LIMIT_BYTES });
  await app.register(compactor.routes);
  await listener.mount(app);
  await scope.acquire("http-requests", () => ({ close: (deadline) => listener.drain(deadline) }));
  listener.markReady();
  logger.info({ address: listener.url }, "ready");
}
