import { AppError, messageOf } from "@monotreme/errors";
import type { DnsDiscoveryConfig } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";
import type { DiscoveryMetrics } from "../discovery-metrics.ts";
import type { RefreshSource } from "../refresh-loop.ts";
import type { TargetGroup } from "../target-group.ts";
import type { DnsRecord, DnsResolver } from "./dns-resolver.ts";

/** No server answered for a name. */
export class DnsLookupError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("DNS_LOOKUP_FAILED", "unavailable", message, { cause });
  }
}

export interface DnsSourceOptions {
  readonly resolver: DnsResolver;
  readonly metrics: DiscoveryMetrics;
  readonly logger: Logger;
}

/**
 * Looks all names of a configuration up, as upstream's `dns_sd_config` does. A name that no server answers for keeps
 * what it gave before; one that does not exist has no targets.
 */
export function createDnsSource(config: DnsDiscoveryConfig, options: DnsSourceOptions): RefreshSource {
  const { resolver, metrics, logger } = options;
  const groupOf = new Map<string, TargetGroup>();
  const failures = new Map<string, string>();

  const refreshName = async (name: string): Promise<void> => {
    metrics.dnsLookups.inc();
    try {
      const records = await lookupWithSearch(name, config.type, resolver);
      groupOf.set(name, { source: name, labels: {}, targets: records.map((record) => targetOf(name, record, config)) });
      failures.delete(name);
    } catch (error) {
      metrics.dnsLookupFailures.inc();
      const reason = messageOf(error);
      if (failures.get(name) !== reason) logger.error({ name, type: config.type, reason }, "name not looked up");
      failures.set(name, reason);
    }
  };

  return {
    mechanism: "dns",
    refreshIntervalMs: config.refreshIntervalMs,
    refresh: async () => {
      await Promise.all(config.names.map(refreshName));
      const [failure] = failures.values();
      if (groupOf.size === 0 && failure !== undefined) throw new DnsLookupError(failure);
      return config.names.flatMap((name) => groupOf.get(name) ?? []);
    },
    close: () => resolver.close(),
  };
}

/** The first candidate that exists decides; where all are said not to exist there are no records. */
async function lookupWithSearch(
  name: string,
  type: DnsDiscoveryConfig["type"],
  resolver: DnsResolver,
): Promise<readonly DnsRecord[]> {
  let failure: unknown;
  for (const candidate of await resolver.candidates(name)) {
    try {
      const { exists, records } = await resolver.lookup(candidate, type);
      if (exists) return records;
    } catch (error) {
      failure = error;
    }
  }
  if (failure === undefined) return [];
  throw new DnsLookupError(`could not resolve ${JSON.stringify(name)}: ${messageOf(failure)}`, failure);
}

function targetOf(name: string, record: DnsRecord, config: DnsDiscoveryConfig): Readonly<Record<string, string>> {
  const host = record.host.replace(/\.+$/, "");
  const port = record.port ?? config.port;
  const target = { __address__: `${host.includes(":") ? `[${host}]` : host}:${port}`, __meta_dns_name: name };
  // As the record itself writes a host: with its final dot.
  const rooted = `${host}.`;
  switch (config.type) {
    case "SRV":
      return { ...target, __meta_dns_srv_record_target: rooted, __meta_dns_srv_record_port: String(port) };
    case "MX":
      return { ...target, __meta_dns_mx_record_target: rooted };
    case "NS":
      return { ...target, __meta_dns_ns_record_target: rooted };
    case "A":
    case "AAAA":
      return target;
  }
}
