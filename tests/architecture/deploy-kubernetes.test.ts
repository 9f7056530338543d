import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAlertmanagerConfig } from "@monotreme/alertmanager-config";
import { parsePrometheusConfig } from "@monotreme/prometheus-config";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { behind, clusterFrom, isReachable, isSelected, portOf } from "./deploy/cluster.ts";
import { modelFaults } from "./deploy/kubernetes-model.ts";
import { renderKustomization } from "./deploy/kustomization.ts";
import { faultsOf, filesOf, flagsOf, portsOf, settingOf } from "./deploy/roles.ts";
import { addressesOf, commandOf, mountedText, roleNamed } from "./deploy/cluster-roles.ts";
import { idOf, type Manifest, textOf } from "./deploy/strategic-merge.ts";
import { ROOT } from "./workspace.ts";

const K8S = join(ROOT, "k8s");
const SECRET_KEYS = [
  ...readFileSync(join(K8S, "examples/secret.sh"), "utf8").matchAll(/--from-literal=([a-z-]+)=/g),
].map(([, key]) => key);
const ROLES = ["scraper", "gateway", "ingester", "query", "ruler", "alertmanager", "heartbeat", "compactor"];
const listenerSource = readFileSync(join(ROOT, "libs/http/src/http-listener.ts"), "utf8");
/** What the code lists and watches. */
const followedKinds = [
  "libs/discovery/src/kubernetes/objects/resource-kinds.ts",
  "services/ruler/src/kubernetes/follow-rule-objects.ts",
].flatMap((path) => [...readFileSync(join(ROOT, path), "utf8").matchAll(/plural: "(\w+)"/g)].map(([, name]) => name));

describe.each(["small", "ha"])("k8s/overlays/%s", (overlay) => {
  const objects = renderKustomization(join(K8S, "overlays", overlay));
  const cluster = clusterFrom(objects);
  const roles = cluster.workloads.filter(
    ({ spec }) => spec.template.metadata.labels["app.kubernetes.io/name"] === "monotreme",
  );
  const commands = new Map(roles.map((role) => [role.metadata.name, commandOf(cluster, role)]));

  test("every object is one of Kubernetes' API, with its fields and types, and none comes twice", () => {
    expect(objects.flatMap(modelFaults)).toEqual([]);
    const names = objects.map(idOf);
    expect(new Set(names).size).toBe(names.length);
    for (const { kind, metadata } of objects) {
      if (["Namespace", "ClusterRole", "ClusterRoleBinding"].includes(textOf(kind))) continue;
      expect(metadata).toMatchObject({ namespace: "monotreme" });
    }
  });

  test.skipIf(!hasKubectl())("kubectl kustomize gives the same objects (needs kubectl)", { timeout: 60_000 }, () => {
    const text = execFileSync("kubectl", ["kustomize", join(K8S, "overlays", overlay)], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    const theirs = parseDocuments(withoutHashes(text, [...cluster.configMaps.keys()]));
    expect(new Map(theirs.map((object) => [idOf(object), object]))).toEqual(
      new Map(objects.map((object) => [idOf(object), object])),
    );
  });

  test("there is every role, each with the flags, variables and values that the code takes", () => {
    expect([...commands.values()].map(({ role }) => role).sort()).toEqual(ROLES.toSorted());
    expect([...commands.values()].flatMap(faultsOf)).toEqual([]);
  });

  test("what must be the same in every process is", () => {
    for (const flag of ["samples.partitions", "nats.stream-replicas", "samples.max-bytes"]) {
      const having = [...commands.values()].filter(({ role }) =>
        Object.values(flagsOf(role)).some(({ name }) => name === flag),
      );
      expect(having.length).toBeGreaterThan(2);
      expect(new Set(having.map((command) => settingOf(command, flag))).size, flag).toBe(1);
    }
  });

  test.each(roles.map((role) => [role.metadata.name, role] as const))(
    "%s is probed where it serves, restricted, and ends in order",
    (name, role) => {
      const { template } = role.spec;
      const [container] = template.spec.containers;
      const command = commands.get(name);
      if (container === undefined || command === undefined) throw new Error(`${name} has no container`);
      expect(portsOf(command)).toContain(portOf(role, "http"));
      for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
        expect(probe?.httpGet?.port).toBe("http");
        expect(listenerSource).toContain(`"${probe?.httpGet?.path}"`);
      }
      expect(container.livenessProbe?.httpGet?.path).toBe("/-/healthy");
      expect(container.readinessProbe?.httpGet?.path).toBe("/-/ready");
      expect(container.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
      });
      expect(role.spec["strategy"]).toMatchObject({ rollingUpdate: { maxUnavailable: 0 } });
      // The pause before the signal and the 8 s of an orderly end fit in.
      expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(5 + 8 + 5);
      for (const file of filesOf(command)) expect(mountedText(cluster, role, file), file).toBeDefined();
    },
  );

  test.each(cluster.workloads.map((one) => [one.metadata.name, one] as const))(
    "%s names what exists: volumes, keys, accounts, images with a version",
    (_name, one) => {
      const { template, selector, volumeClaimTemplates, serviceName } = one.spec;
      expect(isSelected(template.metadata.labels, selector)).toBe(true);
      if (serviceName !== undefined)
        expect(cluster.services.map(({ metadata }) => metadata.name)).toContain(serviceName);
      const volumes = [
        ...template.spec.volumes.map(({ name }) => name),
        ...volumeClaimTemplates.map(({ metadata }) => metadata.name),
      ];
      for (const volume of template.spec.volumes) {
        if (volume.configMap !== undefined) expect([...cluster.configMaps.keys()]).toContain(volume.configMap.name);
        for (const { key } of volume.secret?.items ?? []) expect(SECRET_KEYS).toContain(key);
      }
      for (const container of template.spec.containers) {
        for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
        for (const { valueFrom } of container.env) {
          if (valueFrom?.secretKeyRef !== undefined) expect(SECRET_KEYS).toContain(valueFrom.secretKeyRef.key);
        }
        expect(container.image).toMatch(/^[a-z0-9./-]+:[\w.-]+$/);
        expect(container.resources).toMatchObject({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
        for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
          if (probe?.httpGet !== undefined) expect(portOf(one, probe.httpGet.port)).toBeDefined();
        }
      }
      expect(template.spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      const account = template.spec.serviceAccountName;
      if (account !== undefined) expect(objects.map(idOf)).toContain(`ServiceAccount ${account}`);
    },
  );

  test.each(cluster.services.map((one) => [one.metadata.name, one] as const))(
    "service %s leads to ports of pods",
    (_name, service) => {
      const targets = behind(cluster, service);
      expect(targets.length).toBeGreaterThan(0);
      for (const { targetPort } of service.spec.ports) {
        for (const target of targets) expect(portOf(target, targetPort)).toBeDefined();
      }
    },
  );

  test("the network lets roles reach what their variables name, and nothing else of ours", () => {
    const faults = [];
    for (const role of roles) {
      const wanted = addressesOf(commands.get(role.metadata.name));
      for (const service of cluster.services.filter(({ metadata }) =>
        ["nats", "clickhouse", "redis"].includes(metadata.name),
      )) {
        const isWanted = wanted.some(
          (url) =>
            url.hostname === service.metadata.name && service.spec.ports.some(({ port }) => String(port) === url.port),
        );
        for (const store of behind(cluster, service)) {
          const port = portOf(store, service.spec.ports[0]?.targetPort ?? "") ?? 0;
          // Those that may speak to anybody are kept out by the store's own policy only.
          const isOpen = isReachable(cluster, role, store, port);
          if (isWanted && !isOpen) faults.push(`${role.metadata.name} cannot reach ${store.metadata.name}`);
          if (!isWanted && isOpen && !SPEAKS_TO_ANYBODY.has(role.metadata.name))
            faults.push(`${role.metadata.name} can reach ${store.metadata.name}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  test("the scraper reaches the metrics of every role, and stores reach no role", () => {
    const scraper = roleNamed(roles, "scraper");
    const stores = cluster.workloads.filter((one) => !roles.includes(one));
    for (const role of roles) {
      const port = portOf(role, "http") ?? 0;
      expect(isReachable(cluster, scraper, role, port), role.metadata.name).toBe(true);
      for (const store of stores) expect(isReachable(cluster, store, role, port), store.metadata.name).toBe(false);
    }
  });

  test("rights are those of discovery and of rules, and only to read", () => {
    const roleSchema = z.looseObject({
      rules: z.array(z.object({ verbs: z.array(z.string()), resources: z.array(z.string()).default([]) }).loose()),
    });
    const rules = objects
      .filter(({ kind }) => kind === "ClusterRole")
      .flatMap((object) => roleSchema.parse(object).rules);
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["get", "list", "watch"]));
    const resources = new Set(rules.flatMap((rule) => rule.resources));
    for (const resource of ["nodes", "nodes/metrics", "services", "endpoints", "endpointslices", "pods", "ingresses"])
      expect(resources).toContain(resource);
    expect(resources).not.toContain("secrets");
    for (const resource of resources) if (resource !== "nodes/metrics") expect(followedKinds).toContain(resource);
    const bindings = objects.filter(({ kind }) => kind === "ClusterRoleBinding");
    const bindingSchema = z.looseObject({
      roleRef: z.looseObject({ name: z.string() }),
      subjects: z.array(z.looseObject({ name: z.string(), namespace: z.literal("monotreme") })),
    });
    for (const { roleRef, subjects } of bindings.map((object) => bindingSchema.parse(object))) {
      expect(objects.map(idOf)).toContain(`ClusterRole ${roleRef.name}`);
      for (const { name } of subjects) expect(objects.map(idOf)).toContain(`ServiceAccount ${name}`);
    }
  });

  test("the files in ConfigMaps are ones that the roles read", () => {
    const prometheus = cluster.configMaps.get("monotreme-prometheus")?.["prometheus.yml"] ?? "";
    const config = parsePrometheusConfig(
      { fileName: "prometheus.yml", folder: "/etc/monotreme/config", text: prometheus },
      { environment: {} },
    );
    expect(config.scrapeConfigs.map(({ jobName }) => jobName)).toContain("cadvisor");
    const alertmanager = cluster.configMaps.get("monotreme-alertmanager")?.["alertmanager.yml"] ?? "";
    expect(() =>
      parseAlertmanagerConfig({ fileName: "alertmanager.yml", folder: "/", text: alertmanager }, {}),
    ).not.toThrow();
    for (const [path, role] of [
      ["/etc/monotreme/rules/cluster.yml", "ruler"],
      ["/etc/monotreme/rules/cluster.yml", "scraper"],
    ] as const) {
      expect(mountedText(cluster, roleNamed(roles, role), path)).toContain("groups:");
    }
  });
});

/** Their network policy lets them go anywhere, so the stores' own policy is what keeps them out. */
const SPEAKS_TO_ANYBODY: ReadonlySet<string> = new Set(["scraper", "ruler"]);

function hasKubectl(): boolean {
  try {
    execFileSync("kubectl", ["kustomize", "--help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** kubectl puts a hash behind names of ConfigMaps; ours stand without. */
function withoutHashes(text: string, names: readonly string[]): string {
  return names.reduce((result, name) => result.replaceAll(new RegExp(`\\b${name}-[a-z0-9]{10}\\b`, "g"), name), text);
}

function parseDocuments(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}
