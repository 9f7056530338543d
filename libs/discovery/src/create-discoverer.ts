import type { Clock } from "@monotreme/clock";
import type { DiscoveryConfig } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";
import type { DiscoveryMetrics } from "./discovery-metrics.ts";
import { createDnsSource } from "./dns/dns-source.ts";
import { createSystemResolver, type SystemResolverOptions } from "./dns/system-resolver.ts";
import { FileDiscovery } from "./file-discovery.ts";
import { createHttpSource } from "./http/http-source.ts";
import { SERVICE_ACCOUNT_FOLDER } from "./kubernetes/api/connection.ts";
import { HttpKubernetesApi } from "./kubernetes/api/http-kubernetes-api.ts";
import { KubernetesDiscovery } from "./kubernetes/kubernetes-discovery.ts";
import { RefreshLoop } from "./refresh-loop.ts";
import { createStaticDiscovery } from "./static-discovery.ts";
import type { Discoverer } from "./target-group.ts";

/** What all discoverers of a process share. */
export interface DiscoveryContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  /** Where proxies and, in a pod, the API server are named. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  /** Where a pod's credentials are; Kubernetes' own place by default. */
  readonly serviceAccountFolder?: string;
  /** Other DNS servers than the system's. */
  readonly dns?: SystemResolverOptions;
}

/** What finds the targets of a configuration; undefined for a kind that is not supported. */
export function createDiscoverer(config: DiscoveryConfig, context: DiscoveryContext): Discoverer | undefined {
  const { clock, logger, metrics } = context;
  switch (config.kind) {
    case "static":
      return createStaticDiscovery(config.groups);
    case "file": {
      const { patterns, refreshIntervalMs } = config;
      const onFault = (): void => metrics.refreshFailures.inc({ mechanism: "file" });
      return new FileDiscovery({ patterns, refreshIntervalMs, clock, logger, onFault });
    }
    case "http":
      return new RefreshLoop(createHttpSource(config, context), context);
    case "dns": {
      const resolver = createSystemResolver(context.dns);
      return new RefreshLoop(createDnsSource(config, { resolver, metrics, logger }), context);
    }
    case "kubernetes": {
      const api = new HttpKubernetesApi(config, {
        serviceAccountFolder: SERVICE_ACCOUNT_FOLDER,
        ...context,
        onWarning: (text) => logger.warn({ role: config.role, warning: text }, "kubernetes API server warns"),
      });
      return new KubernetesDiscovery(config, { api, clock, logger, metrics, random: Math.random });
    }
    case "unsupported":
      return undefined;
  }
}
