import { connectBus, ensureAlertStreams, ensureStreams, SampleWriter } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { type ParsedFlags, processCommandLine } from "@monotreme/config";
import { createApp, externalUrlOf, routePrefixOf } from "@monotreme/http";
import { lifecycleRoutes, type ServiceScope } from "@monotreme/lifecycle";
import { loadPrometheusConfig } from "@monotreme/prometheus-config";
import { createSampleSource } from "@monotreme/storage";
import type { RULER_FLAGS } from "./config.ts";
import { checkRuleObjects } from "./kubernetes/follow-rule-objects.ts";
import { startRuling } from "./ruler.ts";

/** Rule groups by API. */
const BODY_LIMIT_BYTES = 8 * 2 ** 20;

/** Starts the ruler as a process of its own. */
export async function startRuler({ values }: ParsedFlags<typeof RULER_FLAGS>, scope: ServiceScope): Promise<void> {
  const { telemetry } = scope;
  const { registry, logger } = telemetry;
  const listener = await scope.listen(values.listenAddress, "Monotreme ruler", {
    routePrefix: routePrefixOf(values),
  });
  const { environment } = processCommandLine();
  // A faulty file is told at once, and not only after NATS has been found.
  await loadPrometheusConfig(values.configFile, environment);
  await checkRuleObjects(values, environment);
  const clickhouse = await scope.acquire(
    "clickhouse",
    () => new ClickHouse({ url: values.clickhouseUrl, database: values.clickhouseDatabase }),
  );
  const bus = await scope.acquire("bus", async () =>
    scope.reach(async () => connectBus({ url: values.natsUrl, name: "ruler", logger, registry, connectTimeoutMs: 0 })),
  );
  await ensureStreams(bus, { ...values, replicas: values.streamReplicas });
  await ensureAlertStreams(bus, values.streamReplicas);
  const writer = await scope.acquire("sample-writer", () => new SampleWriter(bus));
  const ruler = await scope.acquire("ruler", () =>
    startRuling({
      ...values,
      bus,
      writer,
      sourceOf: (tenant, options) => createSampleSource(clickhouse, tenant, options),
      telemetry,
      environment,
      externalUrl: externalUrlOf(values, listener.url),
    }),
  );
  scope.onReload(async () => ruler.reload());
  const app = createApp({ telemetry, bodyLimitBytes: BODY_LIMIT_BYTES });
  await app.register(ruler.routes);
  await app.register(
    lifecycleRoutes({ isEnabled: values.enableLifecycle, reload: () => scope.reload(), quit: () => scope.quit() }),
  );
  await listener.mount(app);
  await scope.acquire("http-requests", () => ({ close: (deadline) => listener.drain(deadline) }));
  listener.markReady();
  logger.info({ address: listener.url }, "ready");
}
