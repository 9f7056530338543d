import { connectBus, ensureStreams, SampleWriter } from "@monotreme/bus";
import { type ParsedFlags, processCommandLine } from "@monotreme/config";
import { createApp } from "@monotreme/http";
import { lifecycleRoutes, type ServiceScope } from "@monotreme/lifecycle";
import { loadPrometheusConfig } from "@monotreme/prometheus-config";
import type { SCRAPER_FLAGS } from "./config.ts";
import { startScraping } from "./scraper.ts";

/** Starts the scraper as a process of its own. */
export async function startScraper({ values }: ParsedFlags<typeof SCRAPER_FLAGS>, scope: ServiceScope): Promise<void> {
  const { telemetry } = scope;
  const { registry, logger } = telemetry;
  const listener = await scope.listen(values.listenAddress, "Monotreme scraper");
  const { environment } = processCommandLine();
  // A faulty file is told at once, and not only after NATS has been found.
  await loadPrometheusConfig(values.configFile, environment);
  const bus = await scope.acquire("bus", async () =>
    scope.reach(async () =>
      connectBus({ url: values.natsUrl, name: "scraper", logger, registry, connectTimeoutMs: 0 }),
    ),
  );
  await ensureStreams(bus, {
    samplesMaxBytes: values.samplesMaxBytes,
    deadletterMaxBytes: values.deadletterMaxBytes,
    replicas: values.streamReplicas,
  });
  const writer = await scope.acquire("sample-writer", () => new SampleWriter(bus));
  const scraper = await scope.acquire("scraper", () =>
    startScraping({ ...values, bus, writer, telemetry, environment }),
  );
  const app = createApp({ telemetry, bodyLimitBytes: 1024 });
  scope.onReload(() => scraper.reload());
  await app.register(
    lifecycleRoutes({ isEnabled: values.enableLifecycle, reload: () => scope.reload(), quit: () => scope.quit() }),
  );
  await listener.mount(app);
  listener.markReady();
  logger.info({ address: listener.url, jobs: scraper.config.scrapeConfigs.length }, "ready");
}
