import { describe, expect, test } from "vitest";
import { ConfigFileError } from "./config-file-error.ts";
import { parsePrometheusConfig } from "./parse-prometheus-config.ts";
import type { DiscoveryConfig } from "./prometheus-config.ts";

function read(section: string) {
  const text = `scrape_configs:\n- job_name: a\n  ${section}\n`;
  return parsePrometheusConfig({ fileName: "p.yml", folder: "/etc/prom", text }, { environment: {} });
}

function discoveryOf(section: string): DiscoveryConfig | undefined {
  return read(section).scrapeConfigs[0]?.discovery[0];
}

function faultOf(section: string): string {
  try {
    read(section);
  } catch (error) {
    if (error instanceof ConfigFileError) return error.faults.join("\n");
    throw error;
  }
  return "none";
}

describe("discovery sections", () => {
  test("discovery sections - HTTP with upstream's defaults and its own client", () => {
    expect(discoveryOf("http_sd_configs: [{url: 'http://u:p@h/t', basic_auth: {username: x}}]")).toMatchObject({
      kind: "http",
      url: "http://u:p@h/t",
      refreshIntervalMs: 60_000,
      http: { followRedirects: true, basicAuth: { username: "x" } },
    });
  });

  test("discovery sections - DNS with upstream's defaults; types in any case", () => {
    expect(discoveryOf("dns_sd_configs: [{names: [a, b]}]")).toEqual({
      kind: "dns",
      names: ["a", "b"],
      type: "SRV",
      port: 0,
      refreshIntervalMs: 30_000,
    });
    expect(discoveryOf("dns_sd_configs: [{names: [a], type: aaaa, port: 9}]")).toMatchObject({ type: "AAAA", port: 9 });
  });

  test("discovery sections - Kubernetes with everything", () => {
    const section = `kubernetes_sd_configs:
  - role: endpointslice
    api_server: https://k:6443
    bearer_token_file: token
    namespaces: {names: [a, b]}
    selectors: [{role: pod, label: 'app in (x, y),!z', field: 'status.phase=Running,spec.nodeName!=n'}]
    attach_metadata: {node: true, cronjob: true}`;
    expect(discoveryOf(section)).toMatchObject({
      kind: "kubernetes",
      role: "endpointslice",
      apiServer: "https://k:6443",
      namespaces: ["a", "b"],
      ownNamespace: false,
      http: { authorization: { type: "Bearer", credentialsFile: "/etc/prom/token" } },
      selectors: [{ role: "pod", label: "app in (x, y),!z" }],
      attachMetadata: { node: true, namespace: false, deployment: false, job: false, cronjob: true },
    });
    expect(read(section).warnings).toEqual([]);
  });

  test("discovery sections - a kubeconfig is found from the file's folder", () => {
    expect(discoveryOf("kubernetes_sd_configs: [{role: node, kubeconfig_file: k/config}]")).toMatchObject({
      kubeconfigFile: "/etc/prom/k/config",
    });
  });

  test("discovery sections - another secret is another configuration, and no rendering shows one", () => {
    const withPassword = (password: string) => `http_sd_configs: [{url: 'http://u:${password}@h/'}]`;
    expect(discoveryOf(withPassword("one"))).toEqual(discoveryOf(withPassword("one")));
    expect(JSON.stringify(discoveryOf(withPassword("one")))).not.toBe(JSON.stringify(discoveryOf(withPassword("two"))));
    const secret = "http_sd_configs: [{url: 'http://h/', bearer_token: one}]";
    expect(JSON.stringify(discoveryOf(secret))).not.toBe(JSON.stringify(discoveryOf(secret.replace("one", "two"))));
    const rendered = read(
      `${withPassword("hunter2")}\n  kubernetes_sd_configs: [{role: pod, api_server: 'http://h', bearer_token: hunter3}]`,
    );
    expect(rendered.renderConfig()).not.toMatch(/hunter/);
    expect(rendered.renderConfig()).toContain("url: http://u:xxxxx@h/");
  });

  const f = (section: string, fault: string) =>
    test(`discovery sections - ${section}`, () => expect(faultOf(section)).toContain(fault));
  f("http_sd_configs: [{}]", "URL is missing");
  f("http_sd_configs: [{url: 'ftp://h'}]", "URL scheme must be 'http' or 'https'");
  f("http_sd_configs: [{url: 'http://'}]", "host is missing in URL");
  f("http_sd_configs: [{url: 'http:///p'}]", "host is missing in URL");
  f("http_sd_configs: [{url: 'http://h', refresh_interval: 0s}]", "refresh_interval must be above 0");
  f("http_sd_configs: [{url: 'http://h', urls: []}]", "field urls not found in http_sd_configs");
  f("http_sd_configs: [{url: 'http://h', bearer_token: a, basic_auth: {username: u}}]", "at most one of basic_auth");
  f("dns_sd_configs: [{}]", "DNS-SD config must contain at least one SRV record name");
  f("dns_sd_configs: [{names: [a], type: A}]", "a port is required in DNS-SD configs for all record types except SRV");
  f("dns_sd_configs: [{names: [a], type: TXT}]", "invalid DNS-SD records type TXT");
  f("dns_sd_configs: [{names: [a], type: A, port: 65536}]", "a port is at most 65535");
  const k = (fields: string, fault: string) => f(`kubernetes_sd_configs: [{${fields}}]`, fault);
  k("api_server: 'http://h'", "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)");
  k("role: vip", 'unknown Kubernetes SD role "vip"');
  k("role: pod, kubeconfig_file: k, api_server: 'http://h'", "cannot use 'kubeconfig_file' and 'api_server' simult");
  k(
    "role: pod, kubeconfig_file: k, bearer_token: t",
    "cannot use a custom HTTP client configuration together with 'ku",
  );
  k("role: pod, bearer_token: t", "to use custom HTTP client configuration please provide the 'api_server' URL");
  k("role: pod, api_server: 'http://h', namespaces: {own_namespace: true}", "'api_server' and 'namespaces.own_namesp");
  k("role: pod, kubeconfig_file: k, namespaces: {own_namespace: true}", "'kubeconfig_file' and 'namespaces.own_na");
  k("role: service, selectors: [{role: pod}]", "service role supports only service selectors");
  k("role: endpoints, selectors: [{role: node}]", "endpoints role supports only pod, service, endpoints selectors");
  k("role: pod, selectors: [{role: pod}, {role: pod}]", "duplicated selector role: pod");
  k("role: pod, selectors: [{label: a}]", "pod role supports only pod, node selectors");
  k("role: pod, selectors: [{role: pod, label: 'a=b=c'}]", 'unable to parse requirement "a=b=c"');
  k("role: pod, selectors: [{role: pod, field: 'a'}]", 'invalid selector: "a"');
  k("role: pod, attach_metadata: {pod: true}", "field pod not found in attach_metadata");
});
