import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { behind, clusterFrom, isSelected } from "./deploy/cluster.ts";
import { commandOf, roleNamed } from "./deploy/cluster-roles.ts";
import { modelFaults } from "./deploy/kubernetes-model.ts";
import { readManifests, renderKustomization } from "./deploy/kustomization.ts";
import { faultsOf, settingOf } from "./deploy/roles.ts";
import { ROOT } from "./workspace.ts";

const K8S = join(ROOT, "k8s");

describe("k8s/overlays/ha", () => {
  const objects = renderKustomization(join(K8S, "overlays/ha"));
  const cluster = clusterFrom(objects);

  test("scales the ingesters by a metric that they have, to at most as many as there are partitions", () => {
    const scaler = objects.find(({ kind }) => kind === "HorizontalPodAutoscaler");
    const { spec } = z
      .looseObject({
        spec: z.object({
          scaleTargetRef: z.object({ apiVersion: z.string(), kind: z.literal("Deployment"), name: z.string() }),
          minReplicas: z.number(),
          maxReplicas: z.number(),
          metrics: z.array(
            z.looseObject({ external: z.looseObject({ metric: z.object({ name: z.string() }) }).optional() }),
          ),
          behavior: z.looseObject({}),
        }),
      })
      .parse(scaler);
    const target = cluster.workloads.find(({ metadata }) => metadata.name === spec.scaleTargetRef.name);
    expect(target?.spec.replicas).toBeUndefined();
    expect(spec.maxReplicas).toBeLessThanOrEqual(
      Number(cluster.configMaps.get("monotreme-sizes")?.["sample-partitions"]),
    );
    const metric = spec.metrics.find(({ external }) => external !== undefined)?.external?.metric.name;
    expect(readFileSync(join(ROOT, "docs/metrics.md"), "utf8")).toContain(`| \`${metric}\` | gauge |`);
    expect(readFileSync(join(K8S, "examples/prometheus-adapter.yaml"), "utf8")).toContain(`as: ${metric}`);
    expect(spec.metrics.map(({ type }) => type)).toContain("Resource");
  });

  test("keeps a majority: three of NATS with three copies, three Keepers, two copies of each shard on different machines", () => {
    const replicasOf = (name: string): number | undefined =>
      cluster.workloads.find(({ metadata }) => metadata.name === name)?.spec.replicas;
    expect(["nats", "clickhouse-keeper", "clickhouse-shard-1", "clickhouse-shard-2"].map(replicasOf)).toEqual([
      3, 3, 2, 2,
    ]);
    expect(cluster.configMaps.get("monotreme-sizes")?.["stream-replicas"]).toBe("3");
    for (const name of ["nats", "clickhouse-keeper", "clickhouse-shard-1", "clickhouse-shard-2"]) {
      const spec = cluster.workloads.find(({ metadata }) => metadata.name === name)?.spec.template.spec;
      expect(JSON.stringify(spec?.["affinity"])).toContain("requiredDuringScheduling");
    }
  });

  test("the servers that the configurations of NATS and ClickHouse name are pods of their sets", () => {
    const pods = cluster.workloads.flatMap(({ metadata, spec }) =>
      Array.from({ length: spec.replicas ?? 0 }, (_, i) => `${metadata.name}-${i}.${spec.serviceName}`),
    );
    const texts = ["nats", "clickhouse-config", "clickhouse-keeper"].flatMap((name) =>
      Object.values(cluster.configMaps.get(name) ?? {}),
    );
    const named = texts.flatMap((text) =>
      [...text.matchAll(/(?:@|<host>|<hostname>)([a-z0-9-]+\.[a-z-]+)/g)].map(([, host]) => host),
    );
    expect(named.length).toBeGreaterThanOrEqual(3 + 4 + 3 + 3);
    for (const host of named) expect(pods).toContain(host);
  });

  test("the roles meet one and the same ClickHouse, as their tables are of one server", () => {
    const service = cluster.services.find(({ metadata }) => metadata.name === "clickhouse");
    expect(service && behind(cluster, service).map(({ metadata }) => metadata.name)).toEqual(["clickhouse-shard-1"]);
    expect(service?.spec.selector).toHaveProperty(["statefulset.kubernetes.io/pod-name"], "clickhouse-shard-1-0");
  });

  test("scrapers share their targets instead of scraping them twice", () => {
    const scraper = roleNamed(cluster.workloads, "scraper");
    expect(scraper.spec.replicas).toBeGreaterThan(1);
    expect(settingOf(commandOf(cluster, scraper), "scraper.group")).not.toBe("");
  });

  test("evictions take one pod of each at a time", () => {
    const budgets = objects.filter(({ kind }) => kind === "PodDisruptionBudget");
    const schema = z.looseObject({
      spec: z.object({
        maxUnavailable: z.literal(1),
        selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
      }),
    });
    const selectors = budgets.map((budget) => schema.parse(budget).spec.selector);
    for (const { metadata, spec } of cluster.workloads) {
      const isCovered = selectors.some((selector) => isSelected(spec.template.metadata.labels, selector));
      expect(isCovered, metadata.name).toBe(metadata.name !== "redis");
    }
  });
});

describe("k8s/examples", () => {
  test("the Ingress leads to services of ours", () => {
    const cluster = clusterFrom(renderKustomization(join(K8S, "overlays/small")));
    const [ingress] = readManifests(join(K8S, "examples/ingress.yaml"));
    expect(modelFaults(ingress ?? {})).toEqual([]);
    const backends = [
      ...JSON.stringify(ingress).matchAll(/"service":\{"name":"([a-z-]+)","port":\{"name":"([a-z]+)"\}/g),
    ];
    expect(backends.length).toBeGreaterThan(3);
    for (const [, name, port] of backends) {
      const service = cluster.services.find(({ metadata }) => metadata.name === name);
      expect(
        service?.spec.ports.map((one) => one.name),
        name,
      ).toContain(port);
    }
  });
});

describe("the checks themselves", () => {
  const broken = (change: (text: string) => string): string[] => {
    const [deployment] = parseAllDocuments(change(readFileSync(join(K8S, "base/gateway.yaml"), "utf8")));
    return modelFaults(deployment?.toJS());
  };
  test.each([
    [
      "a misspelt field",
      (text: string) => text.replace("volumeMounts", "volumeMount").replace("containerPort", "containerport"),
      /containerport is no field/,
    ],
    [
      "a text for a number",
      (text: string) => text.replace("replicas: 1", 'replicas: "1"'),
      /replicas: expected number/,
    ],
    ["a made-up quantity", (text: string) => text.replace("768Mi", "768MB"), /"768MB" is no quantity/],
    ["no selector", (text: string) => text.replace(/ {2}selector:\n.*\n/, ""), /selector is missing/],
  ])("%s is a fault", (_name, change, message) => {
    expect(broken(change).join("\n")).toMatch(message);
  });

  test("a flag or a variable that no role reads is a fault", () => {
    const command = { role: "gateway", argv: ["--web.listen-address=:9201"], environment: {} };
    expect(faultsOf(command)).toEqual([]);
    expect(faultsOf({ ...command, argv: ["--web.listen=:1"] })).toHaveLength(1);
    expect(faultsOf({ ...command, environment: { MONOTREME_NATS_URI: "x" } })).toEqual([
      "gateway does not read MONOTREME_NATS_URI",
    ]);
  });
});
