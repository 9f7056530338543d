import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SYSTEM_CLOCK } from "@monotreme/clock";
import { createDiscoverer, type Discoverer, discoveryMetrics, type TargetGroup } from "@monotreme/discovery";
import { parsePrometheusConfig } from "@monotreme/prometheus-config";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { createTemporaryFolder, eventually, type TemporaryFolder } from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ApiObject, KubernetesServer } from "./kubernetes-discovery-server.ts";

const TLS = new URL("../fixtures/tls/", import.meta.url);

let folder: TemporaryFolder;
let tls: KubernetesServer;
let plain: KubernetesServer;
let running: Discoverer | undefined;
let groups: readonly TargetGroup[] | undefined;
let updates = 0;
let registry = new Registry();

beforeAll(async () => {
  folder = await createTemporaryFolder("kubernetes-connections");
  const [cert, key] = await Promise.all(
    ["localhost-cert.pem", "localhost-key.pem"].map((name) => readFile(new URL(name, TLS), "utf8")),
  );
  tls = new KubernetesServer({ cert: cert ?? "", key: key ?? "" });
  plain = new KubernetesServer();
  await Promise.all([tls.listen(), plain.listen()]);
  await writeFile(join(folder.path, "ca.crt"), cert ?? "");
  await writeFile(join(folder.path, "namespace"), "own\n");
  tls.put("pods", pod("mine", "own"));
  tls.put("pods", pod("theirs", "other"));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  groups = undefined;
  updates = 0;
  tls.requests.length = 0;
  plain.requests.length = 0;
});
afterAll(async () => {
  await Promise.all([tls.close(), plain.close()]);
  await folder.remove();
});

function pod(name: string, namespace: string, labels: Record<string, string> = {}): ApiObject {
  return {
    metadata: { name, namespace, labels, uid: name },
    spec: { nodeName: "n1", containers: [{ name: "c", image: "i", ports: [{ containerPort: 80, protocol: "TCP" }] }] },
    status: { podIP: "10.0.0.1", phase: "Running" },
  };
}

function discover(fields: string, environment: Readonly<Record<string, string>> = {}): void {
  const text = `scrape_configs: [{job_name: d, kubernetes_sd_configs: [{${fields}}]}]`;
  const source = { fileName: "p", folder: folder.path, text };
  const config = parsePrometheusConfig(source, { environment: {} }).scrapeConfigs[0]?.discovery[0];
  if (config === undefined) throw new Error("no discovery");
  registry = new Registry();
  running = createDiscoverer(config, {
    clock: SYSTEM_CLOCK,
    logger: createSilentLogger(),
    metrics: discoveryMetrics(registry),
    environment,
    userAgent: "test",
    serviceAccountFolder: folder.path,
  });
  running?.start((found) => {
    groups = found;
    updates++;
  });
}

async function sources(): Promise<string[]> {
  return (await eventually(() => groups)).map(({ source }) => source).toSorted();
}

async function hasFailures(atLeast: number): Promise<boolean> {
  const found = /^prometheus_sd_kubernetes_failures_total (\d+)$/m.exec(await registry.metrics())?.[1];
  return Number(found) >= atLeast;
}

describe("kubernetes connections", () => {
  const inCluster = () => ({ KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(tls.port) });

  test("kubernetes connections - the pod's service account, its authority and a token that is replaced", async () => {
    tls.token = "one";
    await writeFile(join(folder.path, "token"), "one");
    discover("role: pod", inCluster());
    expect(await sources()).toEqual(["pod/other/theirs", "pod/own/mine"]);
    await eventually(() => tls.watchCount === 1);
    tls.token = "two";
    tls.dropWatches();
    await eventually(async () => hasFailures(1));
    expect(await sources()).toHaveLength(2);
    await writeFile(join(folder.path, "token"), "two");
    tls.put("pods", pod("new", "own"));
    await eventually(async () => (await sources()).includes("pod/own/new"));
    tls.delete("pods", "new", "own");
    tls.token = undefined;
  });

  test("kubernetes connections - the own namespace, beside others by name", async () => {
    await writeFile(join(folder.path, "token"), "any");
    discover("role: pod, namespaces: {own_namespace: true}", inCluster());
    expect(await sources()).toEqual(["pod/own/mine"]);
    expect(tls.requests[0]?.path).toBe("/api/v1/namespaces/own/pods");
    await running?.close();
    groups = undefined;
    discover("role: pod, namespaces: {own_namespace: true, names: [other]}", inCluster());
    await eventually(async () => (await sources()).length === 2);
  });

  test("kubernetes connections - outside of a cluster it is said and tried again", async () => {
    discover("role: pod");
    await eventually(async () => hasFailures(2));
    expect(groups).toBeUndefined();
  });

  test("kubernetes connections - a certificate of a stranger is refused", async () => {
    await writeFile(join(folder.path, "stranger.crt"), await readFile(new URL("stranger-cert.pem", TLS)));
    discover(`role: pod, api_server: 'https://127.0.0.1:${tls.port}', tls_config: {ca_file: stranger.crt}`);
    await eventually(async () => hasFailures(1));
    expect(groups).toBeUndefined();
    expect(tls.requests).toEqual([]);
  });

  test("kubernetes connections - a kubeconfig with its context, read again after a 401", async () => {
    const kubeconfig = (token: string) => `apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: c, user: u, namespace: ignored}}, {name: there, context: {cluster: x}}]
clusters:
- {name: c, cluster: {server: 'https://127.0.0.1:${tls.port}/prefix/', certificate-authority: ca.crt}}
users: [{name: u, user: {token: ${token}}}]
`;
    tls.token = "from-file";
    await writeFile(join(folder.path, "kubeconfig"), kubeconfig("from-file"));
    discover("role: pod, kubeconfig_file: kubeconfig");
    expect(await sources()).toHaveLength(2);
    expect(tls.requests[0]?.path).toBe("/prefix/api/v1/pods");
    await eventually(() => tls.watchCount === 1);
    tls.token = "replaced";
    await writeFile(join(folder.path, "kubeconfig"), kubeconfig("replaced"));
    tls.dropWatches();
    tls.put("pods", pod("later", "own"));
    await eventually(async () => (await sources()).includes("pod/own/later"));
    tls.delete("pods", "later", "own");
    tls.token = undefined;
  });
});

describe("kubernetes objects around a target", () => {
  const server = () => `api_server: 'http://127.0.0.1:${plain.port}'`;
  const labelsOf = async (source: string) => (await eventually(() => groups)).find((group) => group.source === source);

  test("kubernetes objects - an endpoint slice follows its service, pods and node", async () => {
    plain.put("endpointslices", {
      metadata: { name: "s-1", namespace: "a", labels: { "kubernetes.io/service-name": "s" } },
      addressType: "IPv4",
      ports: [{ name: "web", port: 80, protocol: "TCP" }],
      endpoints: [{ addresses: ["10.0.0.1"], nodeName: "n1", targetRef: { kind: "Pod", namespace: "a", name: "p" } }],
    });
    discover(`role: endpointslice, attach_metadata: {node: true, namespace: true}, ${server()}`);
    expect(await sources()).toEqual(["endpointslice/a/s-1"]);
    expect((await labelsOf("endpointslice/a/s-1"))?.targets).toHaveLength(1);
    const eventuallyHas = async (name: string, value: string) =>
      eventually(async () => {
        const group = await labelsOf("endpointslice/a/s-1");
        return { ...group?.labels, ...group?.targets[0] }[`__meta_kubernetes_${name}`] === value;
      });
    await eventually(() => plain.watchCount === 5);
    plain.put("pods", pod("p", "a", { app: "x" }));
    await eventuallyHas("pod_label_app", "x");
    plain.put("services", { metadata: { name: "s", namespace: "a", labels: { tier: "1" } }, spec: {} });
    await eventuallyHas("service_label_tier", "1");
    plain.put("nodes", { metadata: { name: "n1", labels: { zone: "z1" } } });
    await eventuallyHas("node_label_zone", "z1");
    plain.put("namespaces", { metadata: { name: "a", labels: { team: "t" } } });
    await eventuallyHas("namespace_label_team", "t");
    plain.put("nodes", { metadata: { name: "n1", labels: { zone: "z2" } } });
    await eventuallyHas("node_label_zone", "z2");
    plain.delete("pods", "p", "a");
    await eventually(async () => {
      const group = await labelsOf("endpointslice/a/s-1");
      return group?.targets[0]?.["__meta_kubernetes_pod_name"] === undefined;
    });
  });

  test("kubernetes objects - only what is asked for is asked of the server", async () => {
    discover(
      `role: endpoints, ${server()}, namespaces: {names: [a]}, attach_metadata: {namespace: true, deployment: true},
        selectors: [{role: endpoints, label: 'app=x'}, {role: pod, field: 'status.phase=Running'}]`,
    );
    await eventually(() => groups);
    const lists = plain.requests.filter(({ parameters }) => parameters.get("watch") !== "true");
    const asked = lists.map(({ path, parameters }) =>
      [path, parameters.get("labelSelector") ?? "", parameters.get("fieldSelector") ?? ""].join(" "),
    );
    expect(asked.toSorted()).toEqual([
      "/api/v1/namespaces  metadata.name=a",
      "/api/v1/namespaces/a/endpoints app=x ",
      "/api/v1/namespaces/a/pods  status.phase=Running",
      "/api/v1/namespaces/a/services  ",
      "/apis/apps/v1/namespaces/a/replicasets  ",
    ]);
    const accept = lists.find(({ path }) => path.endsWith("replicasets"))?.headers.accept;
    expect(accept).toContain("as=PartialObjectMetadataList");
  });

  test("kubernetes objects - what the server warns of is passed on, and events that change nothing tell nobody", async () => {
    plain.warning = "v1 Endpoints is deprecated in v1.33+";
    plain.put("pods", pod("quiet", "a"));
    discover(`role: pod, ${server()}`);
    await sources();
    const before = updates;
    plain.put("pods", { ...pod("quiet", "a"), status: { podIP: "10.0.0.1", phase: "Running", startTime: "now" } });
    await eventually(async () => {
      expect(await registry.metrics()).toContain('prometheus_sd_kubernetes_events_total{role="pod",event="update"} 1');
      return true;
    });
    await sleep(300);
    expect(updates).toBe(before);
    plain.warning = undefined;
    plain.delete("pods", "quiet", "a");
  });

  test("kubernetes objects - 5,000 pods are found page by page and kept small", async () => {
    for (let i = 0; i < 5000; i++) plain.put("pods", realisticPod(i));
    discover(`role: pod, ${server()}`);
    await eventually(() => groups !== undefined && groups.length >= 5000, { timeoutMs: 60_000 });
    expect(JSON.stringify(groups)).not.toContain("managedFields");
    const lists = plain.requests.filter(({ parameters }) => parameters.get("watch") !== "true");
    expect(lists).toHaveLength(50);
  });
});

/** As large as pods are, most of it `managedFields`. */
function realisticPod(i: number): ApiObject {
  const { metadata, ...rest } = pod(`app-${i % 50}-${i}`, `ns-${i % 20}`);
  const labels = Object.fromEntries(
    Array.from({ length: 8 }, (_, n) => [`example.com/label-${n}`, `value-${i % 100}-${n}`]),
  );
  const annotations = { "prometheus.io/scrape": "true", "checksum/config": `${i}`.padStart(64, "0") };
  const managedFields = Array.from({ length: 4 }, (_, n) => ({
    manager: `m${n}`,
    fieldsV1: Object.fromEntries(Array.from({ length: 60 }, (_unused, f) => [`f:field-${f}`, { ".": {} }])),
  }));
  return { ...rest, metadata: { ...metadata, labels, annotations, managedFields } };
}
