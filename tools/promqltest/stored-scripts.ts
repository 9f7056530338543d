import { type Bus, connectBus, ensureStreams, SampleWriter } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { partitionOf, SAMPLES_STREAM } from "@monotreme/contracts";
import { startIngestPipeline } from "@monotreme/ingester";
import { createSeriesHasher, type Labels, type SeriesHasher, STALE_NAN_HIGH, STALE_NAN_LOW } from "@monotreme/model";
import type { SampleSource, SelectRequest, SeriesSamples } from "@monotreme/promql";
import type { LoadedSamples, MemorySample, ScriptStore } from "@monotreme/promql/testing";
import { createSampleSource, migrateStorage } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startClickHouse, startNats } from "@monotreme/testkit";

const DAY_MS = 86_400_000;
const PARTITIONS = 1;
const STORE_TIMEOUT_MS = 30_000;
const MAX_CONCURRENCY = 8;

/** The write path and the storage for scripts, on servers of its own. */
export interface StoredScripts {
  /** An empty store; several may be in use at once. */
  createStore(): ScriptStore;
  close(): Promise<void>;
}

/** Starts NATS, ClickHouse and an ingester with empty stores. */
export async function startStoredScripts(): Promise<StoredScripts> {
  const [nats, server, hasher] = await Promise.all([startNats(), startClickHouse(), createSeriesHasher()]);
  const telemetry = { logger: createSilentLogger(), registry: new Registry() };
  const clickhouse = new ClickHouse({ url: server.url, database: "monotreme", maxConnections: 2 * MAX_CONCURRENCY });
  await migrateStorage(clickhouse, telemetry);
  const bus = await connectBus({ url: nats.url, name: "promqltest", ...telemetry });
  await ensureStreams(bus, { samplesMaxBytes: 2 ** 30, deadletterMaxBytes: 2 ** 20, replicas: 1 });
  const pipeline = await startIngestPipeline({
    bus,
    clickhouse,
    telemetry,
    partitions: PARTITIONS,
    streamReplicas: 1,
    batchMaxBytes: 2 ** 22,
    batchLinger: 1,
    maxKnownSeries: 100_000,
    ackWait: 10_000,
  });
  const writer = new SampleWriter(bus);
  let tenants = 0;
  return {
    createStore: () => new StoredScript(() => `script-${++tenants}`, { bus, writer, clickhouse, hasher }),
    async close() {
      await writer.close();
      await pipeline.close(AbortSignal.timeout(5000));
      await Promise.all([bus.close(), clickhouse.close()]);
      await Promise.all([nats.stop(), server.stop()]);
    },
  };
}

interface Parts {
  readonly bus: Bus;
  readonly writer: SampleWriter;
  readonly clickhouse: ClickHouse;
  readonly hasher: SeriesHasher;
}

/** One script's samples as those of a tenant, a new one after each `clear`. */
class StoredScript implements ScriptStore {
  readonly maxConcurrency = MAX_CONCURRENCY;
  readonly repeatsAsRange = false;
  readonly source: SampleSource;
  readonly #nextTenant: () => string;
  readonly #parts: Parts;
  #tenant: string;
  /** Scripts ask for the same samples again and again. */
  readonly #answers = new Map<string, Promise<readonly SeriesSamples[]>>();

  constructor(nextTenant: () => string, parts: Parts) {
    this.#nextTenant = nextTenant;
    this.#parts = parts;
    this.#tenant = nextTenant();
    this.source = { select: (request) => this.#select(request) };
  }

  async append(series: readonly LoadedSamples[]): Promise<void> {
    const { bus, writer } = this.#parts;
    const append = writer.begin(this.#tenant);
    for (const one of lastSamplesOf(series)) this.#appendSeries(append, one);
    this.#answers.clear();
    await append.commit();
    // What was stored is acknowledged, and with it leaves the stream: all up to here has to be gone.
    const { last_seq: last } = (await bus.manager.streams.info(SAMPLES_STREAM)).state;
    await eventually(
      async () => {
        const { first_seq: first } = (await bus.manager.streams.info(SAMPLES_STREAM)).state;
        return first > last;
      },
      { timeoutMs: STORE_TIMEOUT_MS, intervalMs: 5 },
    );
  }

  async clear(): Promise<void> {
    this.#tenant = this.#nextTenant();
    this.#answers.clear();
  }

  #select(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    const { matchers, afterMs, untilMs, maxSamples } = request;
    const key = [...matchers.map(String), afterMs, untilMs, maxSamples].join("\n");
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      const source = createSampleSource(this.#parts.clickhouse, this.#tenant, { startTimestamps: true });
      this.#answers.set(key, (answer = source.select(request)));
    }
    return answer;
  }

  #appendSeries(append: ReturnType<SampleWriter["begin"]>, { labels, samples }: LoadedSamples): void {
    const metricId = this.#parts.hasher.metricId(this.#tenant, labels.metricName);
    const seriesId = this.#parts.hasher.seriesId(this.#tenant, labels);
    const partition = partitionOf(this.#tenant, labels, PARTITIONS);
    const ids = [...wordsOfId(metricId), ...wordsOfId(seriesId)] as const;
    const days = new Set(samples.map(({ timestampMs }) => Math.floor(timestampMs / DAY_MS)));
    for (const day of days) append.announce(partition, ...ids, day, labels, () => undefined);
    for (const { timestampMs, value, startTimestampMs } of samples) {
      if (typeof value === "object") append.addHistogram(partition, ...ids, timestampMs, value);
      else append.addSample(partition, ...ids, timestampMs, ...wordsOfValue(value));
      if (startTimestampMs !== undefined) append.addStart(partition, ...ids, timestampMs, startTimestampMs);
    }
  }
}

/** Of several samples of a load for one time the last one, as in one append to a TSDB. */
function lastSamplesOf(series: readonly LoadedSamples[]): LoadedSamples[] {
  const bySeries = new Map<string, { labels: Labels; byTime: Map<number, MemorySample> }>();
  for (const { labels, samples } of series) {
    const known = bySeries.get(labels.key) ?? { labels, byTime: new Map<number, MemorySample>() };
    bySeries.set(labels.key, known);
    for (const sample of samples) known.byTime.set(sample.timestampMs, sample);
  }
  return Array.from(bySeries.values(), ({ labels, byTime }) => ({ labels, samples: [...byTime.values()] }));
}

function wordsOfId(id: bigint): readonly [low: number, high: number] {
  return [Number(id & 0xffffffffn), Number(id >> 32n)];
}

function wordsOfValue(value: number | "stale"): readonly [low: number, high: number] {
  if (value === "stale") return [STALE_NAN_LOW, STALE_NAN_HIGH];
  const [low = 0, high = 0] = new Uint32Array(Float64Array.of(value).buffer);
  return [low, high];
}
