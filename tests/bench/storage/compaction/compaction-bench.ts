import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { WINDOW_MS } from "@monotreme/blocks";
import { ClickHouse } from "@monotreme/clickhouse";
import { findFreePort } from "@monotreme/standalone";
import { migrateStorage } from "@monotreme/storage";
import { createSilentLogger } from "@monotreme/telemetry";
import { eventually, startClickHouse, startNats, startProgram, type TestServer } from "@monotreme/testkit";
import { usageOfTree } from "../../ingest/process-tree.ts";
import { fleetTargets } from "../fleet.ts";
import { NODE_EXPORTER, readRecording, type Recording } from "../recording.ts";
import { numberText } from "../text-table.ts";
import { printCompaction, type Snapshot } from "./compaction-report.ts";
import { loadRows } from "./load-rows.ts";
import { QueryClients } from "./query-clients.ts";

const DAY_MS = 86_400_000;
const NEWEST_SECONDS = 900;
const SETTLE_MS = 5000;
const PATIENCE = { timeoutMs: 280_000, intervalMs: 100 };

interface Options {
  readonly targets: number;
  readonly windows: number;
  readonly paceMs: number;
  readonly aloneMs: number;
}

/**
 * `npm run bench -- storage-compaction`: how many samples a second the compactor puts into blocks of all resolutions,
 * while queries on the newest data run; by the wall, and by processor time of the compactor and of ClickHouse.
 */
export async function runCompactionBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      targets: { type: "string", default: "20" },
      windows: { type: "string", default: "4" },
      "pace-ms": { type: "string", default: "250" },
      "alone-ms": { type: "string", default: "15000" },
    },
  });
  const options = {
    targets: Number(values.targets),
    windows: Number(values.windows),
    paceMs: Number(values["pace-ms"]),
    aloneMs: Number(values["alone-ms"]),
  };
  const recording = await readRecording(NODE_EXPORTER);
  const [server, nats] = await Promise.all([startClickHouse(), startNats()]);
  const [store, staging] = ["monotreme", "staging"].map(
    (database) => new ClickHouse({ url: server.url, database, idleTimeoutMs: 600_000 }),
  ) as [ClickHouse, ClickHouse];
  try {
    for (const one of [store, staging]) await migrateStorage(one, { logger: createSilentLogger() });
    return await new CompactionBench({ store, staging, server, nats }, recording, options).run();
  } finally {
    await Promise.all([store.close(), staging.close()]);
    await Promise.all([server.stop(), nats.stop()]);
  }
}

interface Servers {
  readonly store: ClickHouse;
  /** Where rows wait, so that they come into the store all at once. */
  readonly staging: ClickHouse;
  readonly server: TestServer;
  readonly nats: TestServer;
}

interface Role {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<unknown>;
}

class CompactionBench {
  readonly #servers: Servers;
  readonly #recording: Recording;
  readonly #options: Options;
  /** The last midnight (UTC): the windows are the last ones before it, so that all lie in one day and week. */
  readonly #endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;

  constructor(servers: Servers, recording: Recording, options: Options) {
    this.#servers = servers;
    this.#recording = recording;
    this.#options = options;
  }

  async run(): Promise<number> {
    const samples = await this.#load();
    const roles: Role[] = [];
    try {
      // Newest rows are no older than that, so only the windows are due; whatever is due is made at once.
      const flags = ["delay=20m", "late-delay=0s", "grace=1s", "interval=500ms"];
      roles.push(
        await this.#start(
          "compactor",
          flags.map((flag) => `--compactor.${flag}`),
        ),
      );
      roles.push(await this.#start("query", []));
      const [compactor, query] = roles as [Role, Role];
      const clients = new QueryClients(query.url, mostSeries(this.#recording), this.#options.paceMs);
      try {
        printCompaction(samples, await this.#measure(compactor, query, clients));
      } finally {
        await clients.end();
      }
      return 0;
    } finally {
      await Promise.all(roles.map(async (role) => role.stop()));
    }
  }

  async #load(): Promise<number> {
    const { store, staging } = this.#servers;
    const { targets, windows } = this.#options;
    const startedMs = performance.now();
    const shape = { targets, intervalSeconds: 15, jitterMs: 50 };
    // A little within the windows' borders, whatever the jitter is.
    const seconds = (windows * WINDOW_MS) / 1000 - 60;
    const endMs = this.#endMs - 1000;
    const samples = await loadRows(staging, fleetTargets(this.#recording, { ...shape, endMs, seconds }));
    const series = `INSERT INTO ${store.database}.series SELECT * FROM series SETTINGS max_partitions_per_insert_block = 0`;
    await staging.command(series);
    const newest = { ...shape, endMs: Date.now() + 300_000, seconds: NEWEST_SECONDS + 300 };
    await loadRows(store, fleetTargets(this.#recording, newest));
    const merges = async (): Promise<number> =>
      Number((await store.queryRows("SELECT count() AS merges FROM system.merges"))[0]?.["merges"]);
    await eventually(async () => (await merges()) === 0, PATIENCE);
    const took = ((performance.now() - startedMs) / 1000).toFixed(0);
    console.log(
      `${numberText(targets * this.#recording.names.length)} series of node_exporter every 15 s, ${windows} windows of 2 h = ` +
        `${numberText(samples)} rows, inserted in ${took} s; beside them two clients with a query each ` +
        `every ${this.#options.paceMs} ms on the newest rows`,
    );
    return samples;
  }

  async #measure(compactor: Role, query: Role, clients: QueryClients): Promise<readonly Snapshot[]> {
    const snapshots: Snapshot[] = [];
    const snapshot = (phase: string): void => {
      snapshots.push({
        phase,
        atMs: performance.now(),
        compactorSeconds: usageOfTree(compactor.pid).cpuSeconds,
        querySeconds: usageOfTree(query.pid).cpuSeconds,
        clickhouseSeconds: usageOfTree(this.#servers.server.pid ?? 0).cpuSeconds,
        ...clients.take(),
      });
    };
    const done = async (resolution: string): Promise<number> =>
      metricOf(compactor, `monotreme_compactor_jobs_total{resolution="${resolution}",result="done"}`);
    await sleep(2000);
    snapshot("begin");
    await sleep(this.#options.aloneMs);
    snapshot("queries alone");
    await this.#attach();
    await eventually(async () => (await done("raw")) >= this.#options.windows, PATIENCE);
    snapshot("raw");
    await eventually(async () => (await done("5m")) >= 1 && (await done("1h")) >= 1, PATIENCE);
    snapshot("5m and 1h");
    await sleep(SETTLE_MS);
    snapshot("rows dropped, merges");
    const dropped = await metricOf(compactor, "monotreme_compactor_rows_dropped_total");
    console.log(`${numberText(dropped)} rows were dropped once their blocks were ready`);
    return snapshots;
  }

  /** Parts that are there already appear in the store: nothing is copied. */
  async #attach(): Promise<void> {
    const { store, staging } = this.#servers;
    for (let n = 1; n <= this.#options.windows; n++) {
      const partition = (this.#endMs - n * WINDOW_MS) / WINDOW_MS;
      await store.command(`ALTER TABLE samples ATTACH PARTITION ${partition} FROM ${staging.database}.samples`);
    }
  }

  async #start(name: string, flags: readonly string[]): Promise<Role> {
    const { server, nats, store } = this.#servers;
    const port = await findFreePort();
    const args = [
      "tools/monotreme.mjs",
      name,
      `--web.listen-address=127.0.0.1:${port}`,
      `--clickhouse.url=${server.url}`,
      `--clickhouse.database=${store.database}`,
      `--nats.url=${nats.url}`,
      ...flags,
    ];
    const program = await startProgram("node", args, { readyPattern: /ready/, startTimeoutMs: 60_000 });
    return { url: `http://127.0.0.1:${port}`, pid: program.pid ?? 0, stop: async () => program.stop() };
  }
}

async function metricOf({ url }: Role, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** The counter with the most series. */
function mostSeries({ names }: Recording): string {
  const counts = new Map<string, number>();
  for (const name of names) if (name.endsWith("_total")) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}
