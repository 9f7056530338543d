import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import { findFreePort } from "@monotreme/standalone";
import {
  askApi,
  createTemporaryFolder,
  eventually,
  queryValue,
  RemoteWriteSender,
  startClickHouse,
  startNats,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
  type TestServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiObject, KubernetesServer } from "./kubernetes-discovery-server.ts";

const MONOTREME = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
const KIND = "prometheusrules";
const TOKEN = "token-of-the-test";

interface Group {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly {
    readonly query: string;
    readonly alerts?: readonly { readonly state: string; readonly activeAt: string }[];
  }[];
}

/** An object whose only rule is an alert. */
function ruleObject(
  name: string,
  expr: unknown,
  labels: Readonly<Record<string, string>> = { team: "shop" },
): ApiObject {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name, namespace: "shop", uid: `uid-${name}`, creationTimestamp: "2026-01-01T00:00:00Z", labels },
    spec: {
      groups: [
        {
          name: "alerts",
          interval: "1s",
          partial_response_strategy: "warn",
          rules: [{ alert: "Down", expr, labels: { object: name } }],
        },
      ],
    },
  };
}

describe("ruler with objects of Kubernetes", () => {
  const kubernetes = new KubernetesServer();
  const rulers: { readonly url: string; readonly program: TestProgram }[] = [];
  let clickhouse: TestServer;
  let nats: TestServer;
  let standalone: TestStandalone;
  let folder: TemporaryFolder;

  async function runRuler(flags: readonly string[], options: { readonly readyPattern?: RegExp } = {}) {
    const port = await findFreePort();
    const args = [
      `--config.file=${join(folder.path, "prometheus.yml")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--nats.url=${nats.url}`,
      `--clickhouse.url=${clickhouse.url}`,
      "--rules.lease-ttl=2s",
      "--ruler.kubernetes.rules",
      ...flags,
    ];
    const program = await startProgram(process.execPath, [MONOTREME, "ruler", ...args], options);
    return { url: `http://127.0.0.1:${port}`, program };
  }

  async function startRuler(): Promise<void> {
    const flags = [
      `--ruler.kubernetes.kubeconfig-file=${join(folder.path, "kubeconfig")}`,
      "--ruler.kubernetes.rule-selector=team=shop",
    ];
    rulers.push(await runRuler(flags, { readyPattern: /msg=ready/ }));
  }

  /** What the two rulers together evaluate. */
  async function groups(): Promise<readonly Group[]> {
    return (await askApi<{ groups: readonly Group[] }>(`${standalone.url}/api/v1/rules`)).groups;
  }

  async function filesAndQueries(): Promise<string[]> {
    return (await groups()).map(({ file, rules }) => `${file.replace(/^\/.*\//, "")}: ${rules[0]?.query}`).toSorted();
  }

  /** Waits, because a group is in nobody's hands for a moment when rulers share anew. */
  async function expectRules(...expected: readonly string[]): Promise<void> {
    await eventually(async () => expect(await filesAndQueries()).toEqual(["rules.yml: vector(1)", ...expected]));
  }

  async function firingSince(name: string): Promise<string | undefined> {
    const group = (await groups()).find(({ file }) => file === `shop/${name}`);
    const alerts = group?.rules.flatMap((rule) => rule.alerts ?? []) ?? [];
    return alerts.find(({ state }) => state === "firing")?.activeAt;
  }

  /** A metric of every ruler. */
  async function metrics(name: string): Promise<number[]> {
    return Promise.all(
      rulers.map(async ({ url }) => {
        const text = await (await fetch(`${url}/metrics`)).text();
        return Number(new RegExp(`^monotreme_ruler_kubernetes_${name} (.*)$`, "m").exec(text)?.[1]);
      }),
    );
  }

  async function expectMetric(name: string, value: number): Promise<void> {
    await eventually(async () => expect(await metrics(name)).toEqual([value, value]));
  }

  beforeAll(async () => {
    [clickhouse, nats, folder] = await Promise.all([startClickHouse(), startNats(), createTemporaryFolder("rules")]);
    await kubernetes.listen();
    kubernetes.token = TOKEN;
    kubernetes.unknownKinds.add(KIND);
    const server = `http://127.0.0.1:${kubernetes.port}`;
    await writeFile(
      join(folder.path, "kubeconfig"),
      `current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: "${server}"}}]
users: [{name: test, user: {token: ${TOKEN}}}]
`,
    );
    await writeFile(
      join(folder.path, "rules.yml"),
      "groups: [{name: file, interval: 1s, rules: [{record: from_file, expr: vector(1)}]}]\n",
    );
    await writeFile(join(folder.path, "prometheus.yml"), "rule_files: [rules.yml]\n");
    standalone = await startStandalone({
      args: ["--roles=gateway,ingester,query", `--nats.url=${nats.url}`, `--clickhouse.url=${clickhouse.url}`],
    });
    const labels = Labels.fromObject({ __name__: "test_up", job: "shop" });
    const body = encodeWriteRequest([{ labels, timestampsMs: [Date.now()], values: Float64Array.of(0) }]);
    await new RemoteWriteSender({ url: `${standalone.url}/api/v1/write`, shards: [[compressSnappy(body)]] }).run();
    await Promise.all([startRuler(), startRuler()]);
  });

  afterAll(async () => {
    await Promise.all(rulers.map(async ({ program }) => program.stop("SIGKILL")));
    await standalone?.stop();
    await kubernetes.close();
    await Promise.all([clickhouse?.stop(), nats?.stop(), folder?.remove()]);
  });

  test("ruler-kubernetes - without a pod or a kubeconfig it does not start, and says why", async () => {
    const { program } = await runRuler([]);
    expect(await program.exited()).toBe(1);
    expect(program.output()).toContain("--ruler.kubernetes.rules needs a pod with a service account or");
    const broken = await runRuler([`--ruler.kubernetes.kubeconfig-file=${join(folder.path, "rules.yml")}`]);
    expect(await broken.program.exited()).toBe(1);
    expect(broken.program.output()).toContain("rules.yml: contexts has no");
  });

  test("ruler-kubernetes - where PrometheusRules are not defined rule files work, and it says so once", async () => {
    await eventually(async () => (await queryValue(standalone.url, "from_file")) === 1);
    await expectMetric("kind_unknown", 1);
    await eventually(() => kubernetes.requests.filter(({ path }) => path.endsWith(KIND)).length > 3);
    for (const { program } of rulers) expect(program.output().match(/kind not known to the server/g)).toHaveLength(1);
  });

  test("ruler-kubernetes - an object that appears is evaluated, by one of the rulers, and fires", async () => {
    kubernetes.put(KIND, ruleObject("steady", "test_up == 0"));
    kubernetes.put(KIND, ruleObject("other-team", "test_up == 0", { team: "other" }));
    kubernetes.unknownKinds.clear();
    await expectMetric("followed", 1);
    await eventually(() => firingSince("steady"));
    await expectRules("shop/steady: test_up == 0");
    await expectMetric("objects", 1);
  });

  test("ruler-kubernetes - a change takes effect, a broken one does not, and no other alert begins anew", async () => {
    const since = await eventually(() => firingSince("steady"));
    kubernetes.put(KIND, ruleObject("changing", "test_up == 5"));
    await expectRules("shop/changing: test_up == 5", "shop/steady: test_up == 0");
    kubernetes.put(KIND, ruleObject("changing", "test_up < 5"));
    await expectRules("shop/changing: test_up < 5", "shop/steady: test_up == 0");
    await eventually(() => firingSince("changing"));
    kubernetes.put(KIND, ruleObject("changing", "test_up <"));
    await expectMetric("invalid_objects", 1);
    await expectRules("shop/changing: test_up < 5", "shop/steady: test_up == 0");
    expect(rulers[0]?.program.output()).toMatch(/shop\/changing: groups\[0\]\.rules\[0\]\.expr: .*could not parse/);
    expect(await eventually(() => firingSince("steady"))).toBe(since);
  });

  test("ruler-kubernetes - what changed while the API server was away, or was forgotten by it, is made up for", async () => {
    const since = await eventually(() => firingSince("steady"));
    kubernetes.dropWatches();
    kubernetes.delete(KIND, "changing", "shop");
    kubernetes.put(KIND, ruleObject("new", "test_up == bool 0"));
    kubernetes.compact();
    await expectRules("shop/new: test_up == bool 0", "shop/steady: test_up == 0");
    await expectMetric("invalid_objects", 0);
    const { port } = kubernetes;
    await kubernetes.close();
    await expectMetric("followed", 0);
    kubernetes.put(KIND, ruleObject("new", "test_up == bool 1"));
    kubernetes.compact();
    await expectRules("shop/new: test_up == bool 0", "shop/steady: test_up == 0");
    await kubernetes.listen(port);
    await expectRules("shop/new: test_up == bool 1", "shop/steady: test_up == 0");
    expect(await eventually(() => firingSince("steady"))).toBe(since);
  });

  test("ruler-kubernetes - a ruler that dies leaves its objects to the other, with their alerts as they were", async () => {
    const since = await eventually(() => firingSince("steady"));
    await rulers[0]?.program.stop("SIGKILL");
    await expectRules("shop/new: test_up == bool 1", "shop/steady: test_up == 0");
    expect(await eventually(() => firingSince("steady"))).toBe(since);
  });

  test("ruler-kubernetes - an object that is deleted is gone, without a restart", async () => {
    kubernetes.delete(KIND, "steady", "shop");
    await expectRules("shop/new: test_up == bool 1");
    for (const { program } of rulers) expect(program.output()).not.toContain(TOKEN);
  });
});
