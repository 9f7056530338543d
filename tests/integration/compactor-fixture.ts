import { type Bus, connectBus, ensureAlertStreams } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { type Compactor, type CompactorOptions, startCompacting } from "@monotreme/compactor";
import { type Matcher, wordsOf } from "@monotreme/model";
import { createSampleSource, createSampleStore, migrateStorage } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { startClickHouse, startNats, type TestServer } from "@monotreme/testkit";
import { type FixtureSample, fixtureRows } from "./storage-fixture.ts";

export const TENANT = "anonymous";

/** Servers with an empty store, and compactors on them. */
export class CompactorFixture {
  readonly clickhouse: ClickHouse;
  readonly servers: { readonly nats: TestServer; readonly clickhouse: TestServer };
  readonly #buses: Bus[] = [];
  readonly #compactors: Compactor[] = [];
  #inserts = 0;

  private constructor(servers: CompactorFixture["servers"]) {
    this.servers = servers;
    this.clickhouse = new ClickHouse({ url: servers.clickhouse.url, database: "monotreme" });
  }

  static async start(): Promise<CompactorFixture> {
    const [nats, clickhouse] = await Promise.all([startNats(), startClickHouse()]);
    const fixture = new CompactorFixture({ nats, clickhouse });
    await migrateStorage(fixture.clickhouse, { logger: createSilentLogger() });
    return fixture;
  }

  /** A compactor that finds everything due at once and keeps rows for two seconds, unless told otherwise. */
  async compactor(options: Partial<CompactorOptions> = {}): Promise<Compactor & { readonly registry: Registry }> {
    const registry = new Registry();
    const logger = createSilentLogger();
    const bus = await connectBus({ url: this.servers.nats.url, name: "compactor", logger, registry });
    this.#buses.push(bus);
    await ensureAlertStreams(bus, 1);
    const compactor = await startCompacting({
      bus,
      clickhouse: this.clickhouse,
      telemetry: { logger, registry },
      streamReplicas: 1,
      compactorDelayMs: 0,
      compactorLateDelayMs: 0,
      compactorGraceMs: 2000,
      compactorIntervalMs: 100,
      compactorConcurrency: 1,
      compactorLeaseTtlMs: 1500,
      ...options,
    });
    this.#compactors.push(compactor);
    return { ...compactor, registry };
  }

  async write(samples: readonly FixtureSample[]): Promise<void> {
    const store = createSampleStore(this.clickhouse);
    const rows = await fixtureRows(TENANT, samples);
    const token = `compactor-${this.#inserts++}`;
    await store.insertSeries(rows.series, { deduplicationToken: `${token}/series` });
    await store.insertSamples(rows.samples, { deduplicationToken: `${token}/samples` });
  }

  /** All samples of what the matchers select, `timestamp value-bits` each, by series; as a query reads them now. */
  async read(matchers: readonly Matcher[], afterMs: number, untilMs: number): Promise<Map<string, readonly string[]>> {
    // A connection of its own knows nothing of blocks from before.
    const clickhouse = new ClickHouse({ url: this.servers.clickhouse.url, database: "monotreme" });
    try {
      const request = { matchers, afterMs, untilMs, stepMs: 0, functionName: "" };
      const series = await createSampleSource(clickhouse, TENANT).select(request);
      return new Map(
        series.map(({ labels, timestamps, values }) => {
          const words = wordsOf(values);
          const texts = Array.from(timestamps, (ts, i) => `${ts} ${words[i * 2 + 1]}/${words[i * 2]}`);
          return [labels.key, texts];
        }),
      );
    } finally {
      await clickhouse.close();
    }
  }

  /** A number that one statement answers. */
  async number(query: string): Promise<number> {
    const [row] = await this.clickhouse.queryRows(query);
    return Number(Object.values(row ?? {})[0]);
  }

  /** Rows that lie in `samples`. */
  async rows(): Promise<number> {
    return this.number("SELECT count() FROM samples");
  }

  async stop(): Promise<void> {
    for (const compactor of this.#compactors) await compactor.close();
    for (const bus of this.#buses) await bus.close();
    await this.clickhouse.close();
    await this.servers.nats.stop();
    await this.servers.clickhouse.stop();
  }
}
