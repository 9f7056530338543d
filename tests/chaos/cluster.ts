import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectBus } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { SAMPLES_STREAM, SAMPLES_SUBJECTS } from "@monotreme/contracts";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  startClickHouse,
  startRedis,
  type TemporaryFolder,
  type TestServer,
} from "@monotreme/testkit";
import { KubernetesServer } from "../integration/kubernetes-discovery-server.ts";
import { bundleRoles, ClusterRole, type ClusterSettings } from "./cluster-role.ts";
import { NatsCluster } from "./nats-cluster.ts";

/** What a cluster runs besides the ingesters, in the order of its start; the compactor comes after the query role. */
const ROLES = ["gateway", "gateway", "query", "query", "ruler", "ruler", "alertmanager", "alertmanager"] as const;
const LAST_ROLES = ["heartbeat", "scraper"] as const;
const PARTITIONS = 8;

/** Every role as processes of their own, on three nats-servers with three copies, Redis and ClickHouse. */
export class Cluster {
  readonly nats: NatsCluster;
  readonly redis: TestServer;
  readonly clickhouse: TestServer;
  readonly roles: ClusterRole[] = [];
  readonly ingesters: ClusterRole[] = [];
  /** Where the ruler looks for PrometheusRules. */
  readonly #kubernetes = new KubernetesServer();
  readonly #folder: TemporaryFolder;
  readonly #settings: ClusterSettings;

  private constructor(servers: [NatsCluster, TestServer, TestServer], folder: TemporaryFolder) {
    [this.nats, this.redis, this.clickhouse] = servers;
    this.#folder = folder;
    this.#settings = {
      folder: folder.path,
      variables: {
        MONOTREME_NATS_URL: this.nats.url,
        MONOTREME_NATS_STREAM_REPLICAS: "3",
        MONOTREME_SAMPLES_PARTITIONS: String(PARTITIONS),
        MONOTREME_SAMPLES_MAX_BYTES: "1GB",
        MONOTREME_REDIS_URL: this.redis.url,
        MONOTREME_CLICKHOUSE_URL: this.clickhouse.url,
      },
    };
  }

  /** Starts everything with one ingester; alerts go to the webhook. */
  static async start(webhookUrl: string): Promise<Cluster> {
    const folder = await createTemporaryFolder("cluster");
    const servers = await Promise.all([NatsCluster.start(), startRedis(), startClickHouse()]);
    const cluster = new Cluster(servers, folder);
    try {
      await cluster.#startAll(webhookUrl);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  named(role: string): ClusterRole[] {
    return this.roles.filter((one) => one.role === role);
  }

  /** Resolves when the new ones are ready, or those too many have ended in order. */
  async scaleIngesters(count: number): Promise<void> {
    const surplus = this.ingesters.splice(count);
    await Promise.all(surplus.map(async (ingester) => ingester.halt()));
    const missing = Array.from({ length: Math.max(0, count - this.ingesters.length) });
    const started = await Promise.all(missing.map(async () => ClusterRole.create("ingester", this.#settings)));
    this.ingesters.push(...started);
    await Promise.all(started.map(async (one) => one.launch()));
  }

  async killIngester(): Promise<void> {
    await this.ingesters.pop()?.kill();
  }

  /** The partitions that each ingester reads, in the order of their start. */
  async ownedPartitions(): Promise<number[]> {
    return Promise.all(this.ingesters.map(async (ingester) => ingester.metric("monotreme_ingester_partitions")));
  }

  /** Every role but the ingesters: the first of each at once, then the others. */
  async restartRoles(): Promise<void> {
    const seen = new Set<string>();
    const isFirst = ({ role }: ClusterRole): boolean => !seen.has(role) && seen.add(role) !== undefined;
    const first = this.roles.filter(isFirst);
    await Promise.all(first.map(async (one) => one.restart()));
    await Promise.all(this.roles.filter((one) => !first.includes(one)).map(async (one) => one.restart()));
  }

  /** No row that lies there twice disappears in a merge, so that the counts show what was inserted. */
  async stopMerges(): Promise<void> {
    const clickhouse = new ClickHouse({ url: this.clickhouse.url, database: "monotreme" });
    const settings = [
      "max_bytes_to_merge_at_max_space_in_pool = 1",
      "max_bytes_to_merge_at_min_space_in_pool = 1",
      "parts_to_delay_insert = 100000",
      "parts_to_throw_insert = 100000",
    ];
    await clickhouse.command(`ALTER TABLE samples MODIFY SETTING ${settings.join(", ")}`);
    await clickhouse.close();
  }

  /** What waits where, and what was complained of: for a test that fails. */
  async describe(): Promise<string> {
    const bus = await connectBus({
      url: this.nats.url,
      name: "describe",
      logger: createSilentLogger(),
      registry: new Registry(),
    });
    const stream = await bus.manager.streams.info(SAMPLES_STREAM, { subjects_filter: SAMPLES_SUBJECTS });
    const consumers = await bus.manager.consumers.list(SAMPLES_STREAM).next();
    await bus.close();
    const metrics = await Promise.all(
      this.ingesters.map(async (ingester) => ingester.metricLines("monotreme_ingester_")),
    );
    const complaints = [...this.roles, ...this.ingesters].flatMap(({ role, output }) =>
      output()
        .split("\n")
        .filter((line) => /"level":"(warn|error)"/.test(line))
        .slice(-10)
        .map((line) => `${role} ${line}`),
    );
    const pending = consumers.map(({ name, num_pending, num_ack_pending, num_waiting, ack_floor, delivered }) =>
      JSON.stringify({ name, num_pending, num_ack_pending, num_waiting, ack_floor, delivered }),
    );
    return [JSON.stringify(stream.state), ...pending, ...metrics.flat(), ...complaints].join("\n");
  }

  async stop(): Promise<void> {
    await Promise.all([...this.roles, ...this.ingesters].map(async (one) => one.kill()));
    await Promise.all([this.nats.stop(), this.redis.stop(), this.clickhouse.stop(), this.#kubernetes.close()]);
    await this.#folder.remove();
  }

  async #startAll(webhookUrl: string): Promise<void> {
    await bundleRoles([...new Set([...ROLES, ...LAST_ROLES, "ingester"])], this.#settings);
    await this.#writeFiles(webhookUrl);
    // The first one makes the tables.
    await this.scaleIngesters(1);
    await this.#startRoles(ROLES);
    await this.#writePrometheusConfig(this.named("gateway").map(({ url }) => new URL(url).host));
    await this.#startRoles(LAST_ROLES);
  }

  async #startRoles(roles: readonly string[]): Promise<void> {
    const started = await Promise.all(roles.map(async (role) => ClusterRole.create(role, this.#settings)));
    this.roles.push(...started);
    await Promise.all(started.map(async (one) => one.launch()));
  }

  async #writeFiles(webhookUrl: string): Promise<void> {
    const { path } = this.#folder;
    await this.#kubernetes.listen();
    await writeFile(
      join(path, "kubeconfig"),
      `current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: "http://127.0.0.1:${this.#kubernetes.port}"}}]
users: [{name: test, user: {token: any}}]
`,
    );
    await mkdir(join(path, "config"));
    await mkdir(join(path, "rules"));
    await this.#writePrometheusConfig([]);
    await writeFile(
      join(path, "config", "alertmanager.yml"),
      `route: {receiver: hook, group_wait: 1s, group_interval: 5s, repeat_interval: 4h}
receivers: [{name: hook, webhook_configs: [{url: "${webhookUrl}"}]}]
`,
    );
    await writeFile(join(path, "config", "ntfy.yml"), "receivers: {}\n");
    await writeFile(
      join(path, "config", "heartbeat.yml"),
      "projects: [{name: test, ping_key: a-key-of-this-test-22, checks: [{name: job, timeout: 1h, grace: 1h}]}]\n",
    );
    await writeFile(
      join(path, "rules", "rules.yml"),
      "groups: [{name: test, rules: [{alert: Always, expr: vector(1)}, {record: chaos_series, expr: 'count({job=\"chaos\"})'}]}]\n",
    );
  }

  async #writePrometheusConfig(targets: readonly string[]): Promise<void> {
    const { path } = this.#folder;
    await writeFile(
      join(path, "config", "prometheus.yml"),
      `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [${JSON.stringify(join(path, "rules", "*.yml"))}]
scrape_configs: [{job_name: gateways, static_configs: [{targets: ${JSON.stringify(targets)}}]}]
`,
    );
  }
}
