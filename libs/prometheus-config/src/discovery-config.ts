import { createHash } from "node:crypto";
import { httpClientFromSection } from "./http-client-config.ts";
import type {
  DiscoveryConfig,
  DnsDiscoveryConfig,
  HttpDiscoveryConfig,
  KubernetesDiscoveryConfig,
} from "./prometheus-config.ts";
import { carriedKinds, type DiscoverySection } from "./sections/discovery-section.ts";
import { dnsRecordType } from "./sections/dns-sd-section.ts";
import { httpSdConfig } from "./sections/http-sd-section.ts";
import { kubernetesSdConfig } from "./sections/kubernetes-sd-section.ts";

/** How a section finds its targets. */
export function discoveryFromSection(section: DiscoverySection): DiscoveryConfig[] {
  const configs: DiscoveryConfig[] = section.file_sd_configs.map((file) => ({
    kind: "file",
    patterns: file.files,
    refreshIntervalMs: file.refresh_interval,
  }));
  if (section.static_configs.length > 0) configs.unshift({ kind: "static", groups: section.static_configs });
  return [
    ...configs,
    ...section.http_sd_configs.map(httpDiscovery),
    ...section.dns_sd_configs.map(dnsDiscovery),
    ...section.kubernetes_sd_configs.flatMap(kubernetesDiscovery),
    ...carriedKinds(section).map((mechanism) => ({ kind: "unsupported", mechanism }) as const),
  ];
}

function httpDiscovery(section: DiscoverySection["http_sd_configs"][number]): HttpDiscoveryConfig {
  return {
    kind: "http",
    fingerprint: hashOf(httpSdConfig.render(section, "revealed")),
    url: section.url,
    refreshIntervalMs: section.refresh_interval,
    http: httpClientFromSection(section),
  };
}

function dnsDiscovery(section: DiscoverySection["dns_sd_configs"][number]): DnsDiscoveryConfig {
  return {
    kind: "dns",
    names: section.names,
    type: dnsRecordType(section.type) ?? "SRV",
    port: section.port,
    refreshIntervalMs: section.refresh_interval,
  };
}

function kubernetesDiscovery(
  section: DiscoverySection["kubernetes_sd_configs"][number],
): readonly KubernetesDiscoveryConfig[] {
  const { role, attach_metadata: attach } = section;
  // The section's own check has refused one without a role.
  if (role === undefined) return [];
  return [
    {
      kind: "kubernetes",
      fingerprint: hashOf(kubernetesSdConfig.render(section, "revealed")),
      role,
      apiServer: section.api_server,
      kubeconfigFile: section.kubeconfig_file,
      http: httpClientFromSection(section),
      namespaces: section.namespaces?.names ?? [],
      ownNamespace: section.namespaces?.own_namespace ?? false,
      selectors: section.selectors.flatMap(({ role: of, label, field }) =>
        of === undefined ? [] : [{ role: of, label, field }],
      ),
      attachMetadata: {
        node: attach?.node ?? false,
        namespace: attach?.namespace ?? false,
        deployment: attach?.deployment ?? false,
        job: attach?.job ?? false,
        cronjob: attach?.cronjob ?? false,
      },
    },
  ];
}

/** A hash that reveals no secret. */
function hashOf(rendering: unknown): string {
  return createHash("sha256").update(JSON.stringify(rendering)).digest("hex");
}
