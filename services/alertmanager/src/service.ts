import { connectBus } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import type { ParsedFlags } from "@monotreme/config";
import { routePrefixOf } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";
import { MONOTREME_VERSION } from "@monotreme/telemetry";
import type { ALERTMANAGER_FLAGS } from "./config.ts";
import { prepareAlertmanager, startAlertmanagerRole } from "./start-role.ts";

/** Starts the alertmanager as a process of its own, on a NATS and a Redis that are given. */
export async function startAlertmanager(
  { values }: ParsedFlags<typeof ALERTMANAGER_FLAGS>,
  scope: ServiceScope,
): Promise<void> {
  const { registry, logger } = scope.telemetry;
  const listener = await scope.listen(values.listenAddress, "Alertmanager", {
    routePrefix: routePrefixOf(values),
    probeText: "OK",
  });
  logger.info({ address: listener.url, version: MONOTREME_VERSION }, "starting");
  const prepared = await prepareAlertmanager(values, scope.telemetry);
  const bus = await scope.acquire("bus", async () =>
    scope.reach(async () =>
      connectBus({ url: values.natsUrl, name: "alertmanager", logger, registry, connectTimeoutMs: 0 }),
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
  const role = await startAlertmanagerRole(prepared, listener, scope, servers);
  scope.onReload(async () => role.reload());
  listener.markReady();
  logger.info({ address: listener.url }, "ready");
}
