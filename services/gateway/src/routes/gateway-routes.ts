import type { SampleSink } from "@monotreme/bus";
import type { FastifyInstance } from "@monotreme/http";
import { createSeriesHasher } from "@monotreme/model";
import type { TenantLimits } from "@monotreme/prometheus-config";
import type { Telemetry } from "@monotreme/telemetry";
import { ByteBudget } from "../admission/byte-budget.ts";
import { createGatewayMetrics } from "../metrics.ts";
import { SeriesCache } from "../series/series-cache.ts";
import { TenantRegistry } from "../series/tenant-registry.ts";
import { WriteReceiver } from "../write/write-receiver.ts";
import { addRemoteWriteRoute } from "./remote-write.ts";

export interface GatewayRoutesOptions {
  readonly writer: SampleSink;
  readonly telemetry: Telemetry;
  /** Partitions of the stream, 1 to 65 535; the same in every process. */
  readonly partitions: number;
  /** Series remembered at most; see `SeriesCache`. */
  readonly maxCachedSeries: number;
  /** Bytes of request bodies held at most; above it senders get 503. */
  readonly maxBodyBytesInFlight: number;
  /** What tenants may send; without it everybody anything. */
  readonly tenantLimits?: Pick<TenantLimits, "ingestOf"> | undefined;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Everything the gateway serves, as a plugin for `app.register`: on its own listener or on a shared one. */
export function gatewayRoutes(options: GatewayRoutesOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    const budget = new ByteBudget(options.maxBodyBytesInFlight);
    const cache = new SeriesCache({
      maxSeries: options.maxCachedSeries,
      onRotate: () => metrics.cacheRotations.inc(),
    });
    const metrics = createGatewayMetrics(options.telemetry.registry, {
      bodyBytes: () => budget.usedBytes,
      cachedSeries: () => cache.size,
    });
    const receiver = new WriteReceiver({
      writer: options.writer,
      hasher: await createSeriesHasher(),
      cache,
      tenants: new TenantRegistry(() => cache.clear()),
      metrics,
      partitions: options.partitions,
      limitsOf: (tenant) => options.tenantLimits?.ingestOf(tenant) ?? {},
      now: options.now,
    });
    const logger = options.telemetry.logger.child({ component: "remote-write" });
    addRemoteWriteRoute(app, { receiver, budget, metrics, logger });
  };
}
