import { connectBus } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import type { ParsedFlags } from "@monotreme/config";
import { routePrefixOf } from "@monotreme/http";
import { lifecycleRoutes, type ServiceScope } from "@monotreme/lifecycle";
import { MONOTREME_VERSION } from "@monotreme/telemetry";
import type { HEARTBEAT_FLAGS } from "./config.ts";
import { prepareHeartbeat, startHeartbeatRole } from "./start-role.ts";

/** Starts heartbeats as a process of their own, on a NATS and a Redis that are given. */
export async function startHeartbeat(
  { values }: ParsedFlags<typeof HEARTBEAT_FLAGS>,
  scope: ServiceScope,
): Promise<void> {
  const { registry, logger } = scope.telemetry;
  const prepared = await prepareHeartbeat(values);
  const listener = await scope.listen(values.listenAddress, "Heartbeat", { routePrefix: routePrefixOf(values) });
  logger.info({ address: listener.url, version: MONOTREME_VERSION }, "starting");
  const bus = await scope.acquire("bus", async () =>
    scope.reach(async () =>
      connectBus({ url: values.natsUrl, name: "heartbeat", logger, registry, connectTimeoutMs: 0 }),
    ),
  );
  const { clickhouseUrl } = values;
  const clickhouse =
    clickhouseUrl === undefined
      ? undefined
      : await scope.acquire(
          "clickhouse",
          () => new ClickHouse({ url: clickhouseUrl, database: values.clickhouseDatabase }),
        );
  const servers = { bus, clickhouse, redisUrl: values.redisUrl, replicas: values.streamReplicas };
  const routes = lifecycleRoutes({
    isEnabled: values.enableLifecycle,
    reload: async () => scope.reload(),
    quit: () => scope.quit(),
  });
  const role = await startHeartbeatRole({ ...prepared, routes }, listener, scope, servers);
  scope.onReload(async () => role.reload());
  listener.markReady();
  logger.info({ address: listener.url }, "ready");
}
