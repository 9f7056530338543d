import type { SampleAppend, SampleSink } from "@monotreme/bus";
import { DEFAULT_TENANT } from "@monotreme/contracts";
import { createSeriesHasher, type Labels, METRIC_NAME, type SeriesHasher, STALE_NAN_HIGH } from "@monotreme/model";
import type { SampleSource } from "@monotreme/promql";
import { MemorySource } from "@monotreme/promql/testing";
import { parseRuleFile } from "@monotreme/rules";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import type { AlertEvent } from "@monotreme/contracts";
import type { GroupDefinition } from "./evaluation/group-definition.ts";
import { languageFromFeatures } from "./evaluation/language.ts";
import { createGroupParts } from "./groups/create-group-parts.ts";
import { defineGroup } from "./groups/file-groups.ts";
import { createRulerMetrics } from "./metrics.ts";
import { AlertStateStore, type StateBucket } from "./state/alert-state-store.ts";
import { createTemplateCheck, createTemplateExpander } from "./templates/rule-templates.ts";

export interface WrittenSample {
  readonly series: string;
  readonly timestampMs: number;
  readonly value: number | "stale";
}

/** A sink for tests: remembers what is written, and lets rules read it as soon as it is committed. */
export class MemorySink implements SampleSink {
  readonly source: MemorySource;
  readonly written: WrittenSample[] = [];
  /** Rejects every commit while set. */
  fault: Error | undefined;
  readonly #labelsOf = new Map<string, Labels>();

  constructor(source: MemorySource) {
    this.source = source;
  }

  begin(): SampleAppend {
    const samples: { readonly key: string; readonly timestampMs: number; readonly value: number | "stale" }[] = [];
    const fresh = new Map<string, Labels>();
    const bits = new DataView(new ArrayBuffer(8));
    return {
      addSample: (_partition, metricLow, metricHigh, seriesLow, seriesHigh, timestampMs, valueLow, valueHigh) => {
        bits.setUint32(0, valueLow, true);
        bits.setUint32(4, valueHigh, true);
        const value = valueHigh === STALE_NAN_HIGH ? "stale" : bits.getFloat64(0, true);
        samples.push({ key: [metricLow, metricHigh, seriesLow, seriesHigh].join(), timestampMs, value });
      },
      addHistogram: () => undefined,
      addStart: () => undefined,
      addExemplar: () => undefined,
      addMetadata: () => undefined,
      announce: (_partition, metricLow, metricHigh, seriesLow, seriesHigh, _day, labels, onDurable) => {
        fresh.set([metricLow, metricHigh, seriesLow, seriesHigh].join(), labels);
        queueMicrotask(onDurable);
      },
      commit: async () => {
        if (this.fault !== undefined) throw this.fault;
        for (const [key, labels] of fresh) this.#labelsOf.set(key, labels);
        for (const { key, timestampMs, value } of samples) {
          const labels = this.#labelsOf.get(key);
          if (labels === undefined) throw new Error("a sample of a series without a name");
          this.written.push({ series: labels.toString(), timestampMs, value });
          this.source.append(labels, [{ timestampMs, value }]);
        }
      },
    };
  }

  /** What was written since the last call, as `series value`. */
  take(): string[] {
    return this.written.splice(0).map(({ series, value }) => `${series} ${value}`);
  }
}

/** A bucket for tests that counts its writes. */
export class MemoryBucket implements StateBucket {
  readonly values = new Map<string, Uint8Array>();
  writes = 0;

  async get(key: string): Promise<{ operation: string; value: Uint8Array } | null> {
    const value = this.values.get(key);
    return value === undefined ? null : { operation: "PUT", value };
  }

  async put(key: string, value: Uint8Array | string): Promise<number> {
    this.values.set(key, typeof value === "string" ? Buffer.from(value) : value);
    return ++this.writes;
  }

  async purge(key: string): Promise<void> {
    this.values.delete(key);
  }
}

export interface FixtureOptions {
  readonly features?: string;
  readonly externalLabels?: Readonly<Record<string, string>>;
  readonly bucket?: MemoryBucket;
  readonly sink?: MemorySink;
  /** What rules read; what was written to the sink when not given. */
  readonly source?: SampleSource;
}

/** What groups need, over samples in memory; alerts that are sent are kept in `sent`. */
export async function createRulerFixture({
  features = "",
  externalLabels = {},
  bucket,
  sink,
  source,
}: FixtureOptions = {}) {
  const hasher: SeriesHasher = await createSeriesHasher();
  const language = languageFromFeatures(features);
  const memory = sink ?? new MemorySink(new MemorySource());
  const sent: { readonly id: string; readonly alerts: readonly AlertEvent[] }[] = [];
  const logger = createSilentLogger();
  const state = bucket ?? new MemoryBucket();
  const store = new AlertStateStore(state, logger);
  const registry = new Registry();
  const metrics = createRulerMetrics(registry);
  const control = { publishFault: undefined as Error | undefined };
  const createParts = createGroupParts({
    limits: {
      lookbackMs: 300_000,
      timeoutMs: 10_000,
      maxSamples: 100_000,
      maxConcurrentQueries: 4,
      maxConcurrentRules: 4,
    },
    language,
    evaluationIntervalMs: 60_000,
    sourceOf: () => source ?? memory.source,
    sink: memory,
    hasher,
    partitions: 1,
    expandTemplate: createTemplateExpander({
      parser: language.parser,
      externalUrl: "http://ruler",
      externalLabels: () => externalLabels,
      onFailure: () => undefined,
    }),
    delivery: {
      store,
      notifier: { prepare: (events) => events, send: () => undefined },
      publish: async (_subject, data, id) => {
        if (control.publishFault !== undefined) throw control.publishFault;
        sent.push({ id, alerts: JSON.parse(data).alerts });
      },
      resendDelayMs: 60_000,
      externalUrl: "http://ruler",
      onFailed: () => undefined,
      onPublished: () => undefined,
      logger,
    },
    logger,
  });
  return { createParts, sink: memory, sent, bucket: state, store, metrics, registry, logger, control };
}

/** The groups of a rule file, as the ruler defines them. */
export function definitionsOf(text: string, file = "/r.yml"): readonly GroupDefinition[] {
  const groups = parseRuleFile({ fileName: file, text }, { checkTemplate: createTemplateCheck() });
  const defaults = { evaluationIntervalMs: 60_000, ruleQueryOffsetMs: 0 };
  return groups.map((group) => defineGroup({ tenant: DEFAULT_TENANT, origin: "file", file }, group, defaults));
}

/** Labels of a metric. */
export function metric(name: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { [METRIC_NAME]: name, ...labels };
}
