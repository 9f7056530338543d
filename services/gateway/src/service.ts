import { connectBus, ensureStreams, SampleWriter } from "@monotreme/bus";
import type { ParsedFlags } from "@monotreme/config";
import { createApp } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";
import { TenantLimits } from "@monotreme/prometheus-config";
import type { GATEWAY_FLAGS } from "./config.ts";
import { gatewayRoutes } from "./routes/gateway-routes.ts";
import { MAX_BODY_BYTES } from "./routes/read-body.ts";

/** Starts the gateway as a process of its own. */
export async function startGateway({ values }: ParsedFlags<typeof GATEWAY_FLAGS>, scope: ServiceScope): Promise<void> {
  const { telemetry } = scope;
  const { registry, logger } = telemetry;
  const listener = await scope.listen(values.listenAddress, "Monotreme gateway");
  const bus = await scope.acquire("bus", async () =>
    scope.reach(async () =>
      connectBus({ url: values.natsUrl, name: "gateway", logger, registry, connectTimeoutMs: 0 }),
    ),
  );
  await ensureStreams(bus, { ...values, replicas: values.streamReplicas });
  const writer = await scope.acquire("sample-writer", () => new SampleWriter(bus));
  const tenantLimits = await TenantLimits.open(values.limitsFile);
  scope.onReload(async () => tenantLimits.reload());
  const app = createApp({ telemetry, bodyLimitBytes: MAX_BODY_BYTES });
  await app.register(gatewayRoutes({ writer, telemetry, now: Date.now, tenantLimits, ...values }));
  await listener.mount(app);
  // Inputs last, because they are the first to stop.
  await scope.acquire("remote-write", () => ({ close: (deadline) => listener.drain(deadline) }));
  listener.markReady();
  logger.info({ address: listener.url }, "ready");
}
