import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  askApi,
  createTemporaryFolder,
  eventually,
  startStandalone,
  type TemporaryFolder,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApiObject, KubernetesServer, sendStatus } from "./kubernetes-discovery-server.ts";

interface FoundTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
}

const kubernetes = new KubernetesServer();
let exporter: Server;
let folder: TemporaryFolder;
let standalone: TestStandalone;

beforeAll(async () => {
  folder = await createTemporaryFolder("kubernetes");
  exporter = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end("a 1\n");
  });
  await new Promise<void>((resolve) => exporter.listen(0, "127.0.0.1", resolve));
  await kubernetes.listen();
  kubernetes.token = "first";
  await writeFile(join(folder.path, "token"), "first\n");
  for (const name of ["stays-1", "stays-2"]) kubernetes.put("pods", pod(name));
  kubernetes.put("pods", pod("other", { namespace: "b" }));
  standalone = await startStandalone({
    configYaml: configYaml(),
    args: ["--scrape.discovery-reload-interval=100ms"],
  });
  await eventually(async () => expect(await podsOf("all")).toEqual(["other", "stays-1", "stays-2"]), {
    timeoutMs: 20_000,
  });
});

beforeEach(() => {
  kubernetes.requests.length = 0;
});

afterAll(async () => {
  await standalone?.stop();
  await kubernetes.close();
  exporter?.closeAllConnections();
  exporter?.close();
  await folder?.remove();
});

function configYaml(): string {
  const common = `api_server: 'http://127.0.0.1:${kubernetes.port}', bearer_token_file: ${folder.path}/token`;
  return `global: {scrape_interval: 1s}
scrape_configs:
- job_name: all
  kubernetes_sd_configs: [{role: pod, ${common}}]
  relabel_configs: [{source_labels: [__meta_kubernetes_pod_name], target_label: pod}]
- job_name: again
  kubernetes_sd_configs: [{role: pod, ${common}}]
  relabel_configs: [{source_labels: [__meta_kubernetes_pod_name], target_label: pod}]
- job_name: named
  kubernetes_sd_configs: [{role: pod, ${common}, namespaces: {names: [a, b]}}]
  relabel_configs: [{source_labels: [__meta_kubernetes_pod_name], target_label: pod}]
`;
}

function pod(
  name: string,
  options: { readonly namespace?: string; readonly labels?: Record<string, string> } = {},
): ApiObject {
  const { namespace = "a", labels = { app: "x" } } = options;
  return {
    metadata: { name, namespace, labels, uid: `uid-${name}`, managedFields: [{ manager: "kubelet" }] },
    spec: {
      nodeName: "n1",
      containers: [
        {
          name: "main",
          image: "i:1",
          ports: [{ name: "http", containerPort: (exporter.address() as AddressInfo).port }],
        },
      ],
    },
    status: {
      podIP: "127.0.0.1",
      hostIP: "10.0.0.1",
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

async function targetsOf(job: string): Promise<readonly FoundTarget[]> {
  const { activeTargets } = await askApi<{ activeTargets: readonly FoundTarget[] }>(
    `${standalone.url}/api/v1/targets?state=active`,
  );
  return activeTargets.filter(({ scrapePool }) => scrapePool === job);
}

async function podsOf(job: string): Promise<string[]> {
  return (await targetsOf(job)).map(({ labels }) => labels["pod"] ?? "").toSorted();
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${standalone.url}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`no ${name}`);
  return Number(line.slice(name.length + 1));
}

const ADDED = 'prometheus_sd_kubernetes_events_total{role="pod",event="add"}';
const FAILURES = "prometheus_sd_kubernetes_failures_total";

/** Runs the story while the targets are looked at all the time: those that stay must always be there. */
async function neverDropping(story: () => Promise<void>): Promise<void> {
  let isOver = false;
  const missing = new Set<string>();
  const looking = (async () => {
    while (!isOver) {
      const found = await podsOf("all");
      for (const name of ["stays-1", "stays-2"]) if (!found.includes(name)) missing.add(name);
      await sleep(20);
    }
  })();
  try {
    await story();
  } finally {
    isOver = true;
    await looking;
  }
  expect([...missing]).toEqual([]);
}

/** A new pod becomes a target: the watch lives. */
async function follows(name: string, job = "all"): Promise<void> {
  kubernetes.put("pods", pod(name));
  await eventually(async () => expect(await podsOf(job)).toContain(name), { timeoutMs: 20_000 });
  kubernetes.delete("pods", name, "a");
}

async function allWatch(): Promise<void> {
  await eventually(() => kubernetes.watchCount === 3, { timeoutMs: 30_000 });
}

describe("kubernetes discovery", () => {
  test("kubernetes discovery - a pod's target has its labels and is scraped", async () => {
    const [target] = (await targetsOf("all")).filter(({ labels }) => labels["pod"] === "stays-1");
    expect(target?.discoveredLabels).toMatchObject({
      __meta_kubernetes_namespace: "a",
      __meta_kubernetes_pod_name: "stays-1",
      __meta_kubernetes_pod_label_app: "x",
      __meta_kubernetes_pod_labelpresent_app: "true",
      __meta_kubernetes_pod_container_port_name: "http",
      __meta_kubernetes_pod_ready: "true",
    });
    await eventually(async () => {
      const targets = await targetsOf("all");
      return targets.every((each) => "health" in each && each.health === "up");
    });
  });

  test("kubernetes discovery - jobs that ask for the same share one watch", async () => {
    expect(await podsOf("again")).toEqual(["other", "stays-1", "stays-2"]);
    expect(await podsOf("named")).toEqual(["other", "stays-1", "stays-2"]);
    await allWatch();
  });

  test("kubernetes discovery - pods come, change and go", async () => {
    await neverDropping(async () => {
      await follows("comes");
      await eventually(async () => expect(await podsOf("all")).not.toContain("comes"), { timeoutMs: 20_000 });
      kubernetes.put("pods", pod("changes"));
      await eventually(async () => expect(await podsOf("all")).toContain("changes"));
      kubernetes.put("pods", pod("changes", { labels: { app: "y" } }));
      await eventually(async () => {
        const target = (await targetsOf("all")).find(({ labels }) => labels["pod"] === "changes");
        return target?.discoveredLabels["__meta_kubernetes_pod_label_app"] === "y";
      });
      kubernetes.delete("pods", "changes", "a");
    });
  });

  for (const goneBy of ["status", "event"] as const) {
    test(`kubernetes discovery - 410 Gone by ${goneBy} brings a new list, and what was missed`, async () => {
      await neverDropping(async () => {
        await allWatch();
        const failures = await metric(FAILURES);
        kubernetes.goneBy = goneBy;
        // Cut first, so that the change is not told by the watch.
        kubernetes.dropWatches();
        kubernetes.put("pods", pod(`missed-${goneBy}`));
        kubernetes.compact();
        await eventually(async () => expect(await podsOf("all")).toContain(`missed-${goneBy}`), { timeoutMs: 20_000 });
        await allWatch();
        kubernetes.dropWatches();
        kubernetes.delete("pods", `missed-${goneBy}`, "a");
        kubernetes.compact();
        await eventually(async () => expect(await podsOf("all")).not.toContain(`missed-${goneBy}`), {
          timeoutMs: 20_000,
        });
        expect(await metric(FAILURES)).toBe(failures);
        await allWatch();
      });
    });
  }

  test("kubernetes discovery - bookmarks move the version on, so that an old one is not asked for", async () => {
    await allWatch();
    kubernetes.put("services", { metadata: { name: "s", namespace: "a" } });
    kubernetes.compact();
    kubernetes.bookmark();
    // Read by then: a pod that came after it is there.
    await follows("after-bookmark");
    kubernetes.requests.length = 0;
    kubernetes.dropWatches();
    await follows("after-drop");
    expect(kubernetes.requests.filter(({ parameters }) => parameters.get("watch") !== "true")).toEqual([]);
    for (const { parameters } of kubernetes.requests) expect(parameters.get("allowWatchBookmarks")).toBe("true");
  });

  test("kubernetes discovery - a connection cut in a line goes on after the last whole event", async () => {
    await neverDropping(async () => {
      await allWatch();
      kubernetes.requests.length = 0;
      kubernetes.put("pods", pod("whole"));
      kubernetes.dropWatches('{"type":"DELETED","object":{"metadata":{"name":"stays-1","names');
      await eventually(async () => expect(await podsOf("all")).toContain("whole"));
      await follows("after-cut");
      kubernetes.delete("pods", "whole", "a");
      expect(kubernetes.requests.filter(({ parameters }) => parameters.get("watch") !== "true")).toEqual([]);
    });
  });

  test("kubernetes discovery - a line that is no JSON is a failure, and nothing is lost", async () => {
    await neverDropping(async () => {
      await allWatch();
      const failures = await metric(FAILURES);
      kubernetes.endWatches("no JSON\n");
      await follows("after-garbage");
      expect(await metric(FAILURES)).toBeGreaterThan(failures);
    });
  });

  test("kubernetes discovery - a slow watch is read to its end", async () => {
    kubernetes.isSlow = true;
    await follows("slow");
    kubernetes.isSlow = false;
  });

  test("kubernetes discovery - a watch that the server ends goes on without a new list", async () => {
    await allWatch();
    kubernetes.requests.length = 0;
    kubernetes.endWatches();
    await follows("after-end");
    expect(kubernetes.requests.filter(({ parameters }) => parameters.get("watch") !== "true")).toEqual([]);
  });

  test("kubernetes discovery - more pods than a page has, and pages that expire in between", async () => {
    await neverDropping(async () => {
      await allWatch();
      const addedBefore = await metric(ADDED);
      for (let i = 0; i < 1200; i++) kubernetes.put("pods", { ...pod(`many-${i}`), status: { phase: "Pending" } });
      kubernetes.onNextPage = () => {
        kubernetes.onNextPage = () => undefined;
        kubernetes.compact();
      };
      kubernetes.requests.length = 0;
      // Two discoveries see each of them.
      await eventually(async () => (await metric(ADDED)) >= addedBefore + 2400);
      const added = await metric(ADDED);
      kubernetes.dropWatches();
      kubernetes.compact();
      await follows("after-pages");
      const lists = kubernetes.requests.filter(({ parameters }) => parameters.get("watch") !== "true");
      expect(lists.some(({ parameters }) => parameters.get("continue") !== null)).toBe(true);
      expect(lists.some(({ parameters }) => parameters.get("limit") === null)).toBe(true);
      // What was known before is not new by another list.
      expect(await metric(ADDED)).toBeLessThan(added + 10);
      for (let i = 0; i < 1200; i++) kubernetes.delete("pods", `many-${i}`, "a");
    });
  });

  test("kubernetes discovery - a token that was replaced is read again", async () => {
    await neverDropping(async () => {
      await allWatch();
      kubernetes.token = "second";
      const failures = await metric(FAILURES);
      kubernetes.dropWatches();
      await eventually(async () => (await metric(FAILURES)) > failures);
      await writeFile(join(folder.path, "token"), "second\n");
      await follows("after-token");
    });
  });

  test("kubernetes discovery - 429 is waited out and 500 tried again", async () => {
    await neverDropping(async () => {
      await allWatch();
      for (let i = 0; i < 3; i++) {
        kubernetes.faults.push((_, response) => sendStatus(response, 429, "slow down", { "retry-after": "1" }));
      }
      for (let i = 0; i < 3; i++) kubernetes.faults.push((_, response) => sendStatus(response, 500, "etcd"));
      kubernetes.compact();
      kubernetes.dropWatches();
      await eventually(() => kubernetes.faults.length === 0, { timeoutMs: 20_000 });
      await follows("after-500");
    });
  });

  test("kubernetes discovery - one forbidden namespace does not touch the others", async () => {
    await allWatch();
    kubernetes.forbiddenNamespaces.add("b");
    const failures = await metric(FAILURES);
    kubernetes.dropWatches();
    await eventually(async () => (await metric(FAILURES)) > failures);
    await follows("beside-forbidden", "named");
    expect(await podsOf("named")).toContain("other");
    kubernetes.forbiddenNamespaces.clear();
    await allWatch();
  });

  test("kubernetes discovery - after a reload targets stay until the new discovery knows better", async () => {
    await neverDropping(async () => {
      kubernetes.faults.push(
        ...Array.from(
          { length: 4 },
          () => (_: unknown, response: Parameters<typeof sendStatus>[0]) => sendStatus(response, 503, "starting"),
        ),
      );
      const changed = configYaml().replaceAll("{role: pod,", "{role: pod, attach_metadata: {node: false},");
      await writeFile(
        standalone.configFile,
        changed
          .replace("scrape_interval: 1s", "scrape_interval: 2s")
          .replaceAll("role: pod,", "role: pod, selectors: [{role: pod, label: 'app=x'}],"),
      );
      standalone.signal("SIGHUP");
      await eventually(() => kubernetes.requests.some(({ parameters }) => parameters.get("labelSelector") === "app=x"));
      await eventually(() => kubernetes.faults.length === 0, { timeoutMs: 20_000 });
      await follows("after-reload");
    });
  });
});
