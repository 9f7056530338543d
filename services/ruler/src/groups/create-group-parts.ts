import type { SampleSink } from "@monotreme/bus";
import { partitionOf } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { SeriesHasher } from "@monotreme/model";
import { Engine, type SampleSource } from "@monotreme/promql";
import type { Logger } from "@monotreme/telemetry";
import { readFormerSeries } from "../evaluation/former-series.ts";
import { type GroupDefinition, groupKey } from "../evaluation/group-definition.ts";
import type { RuleLanguage } from "../evaluation/language.ts";
import type { ExpandTemplate } from "../evaluation/rule-context.ts";
import type { RuleGroup } from "../evaluation/rule-group.ts";
import { RuleQueryRunner } from "../evaluation/rule-query.ts";
import { SampleRecorder } from "../evaluation/sample-recorder.ts";
import { Slots } from "../evaluation/slots.ts";
import { AlertDelivery, type AlertDeliveryOptions } from "../sending/alert-delivery.ts";
import type { GroupParts } from "./group-owner.ts";

/** How rules are evaluated; durations in ms. */
export interface EvaluationLimits {
  readonly lookbackMs: number;
  readonly timeoutMs: number;
  readonly maxSamples: number;
  readonly maxConcurrentQueries: number;
  readonly maxConcurrentRules: number;
}

export interface GroupPartsOptions {
  readonly limits: EvaluationLimits;
  readonly language: RuleLanguage;
  /** The step of subqueries that name none: the global evaluation interval. */
  readonly evaluationIntervalMs: number;
  readonly sourceOf: (tenant: string) => SampleSource;
  readonly sink: SampleSink;
  readonly hasher: SeriesHasher;
  readonly partitions: number;
  readonly expandTemplate: ExpandTemplate;
  readonly delivery: AlertDeliveryOptions;
  readonly logger: Logger;
}

/** Makes what the groups of all tenants are evaluated with. */
export function createGroupParts(options: GroupPartsOptions): (definition: GroupDefinition) => GroupParts {
  const { limits, language, logger, sourceOf, expandTemplate } = options;
  const engine = new Engine({
    lookbackMs: limits.lookbackMs,
    defaultSubqueryStepMs: options.evaluationIntervalMs,
    delayedNameRemoval: language.delayedNameRemoval,
    useStartTimestamps: language.useStartTimestamps,
  });
  const queries = new RuleQueryRunner({ ...limits, engine, slots: new Slots(limits.maxConcurrentQueries) });
  return (definition) => {
    const { tenant } = definition;
    const source = sourceOf(tenant);
    const { sink, hasher, partitions } = options;
    const recorder = new SampleRecorder({
      sink,
      tenant,
      hasher,
      partitionOf: (labels) => partitionOf(tenant, labels, partitions),
    });
    const maxConcurrentRules = language.isConcurrent ? limits.maxConcurrentRules : 1;
    return {
      options: { source, queries, recorder, expandTemplate, maxConcurrentRules },
      delivery: new AlertDelivery(groupKey(definition), definition, options.delivery),
      restoreSeries: async (group, tsMs) => restoreSeries(group, source, tsMs, logger),
    };
  };
}

/** Without the storage, series that vanished while nobody evaluated the group are not ended. */
async function restoreSeries(group: RuleGroup, source: SampleSource, tsMs: number, logger: Logger): Promise<void> {
  const { config, queryOffsetMs } = group.definition;
  try {
    for (const entry of group.rules) {
      if (entry.rule.kind !== "recording") continue;
      const { rule } = entry;
      group.restoreSeries(entry, await readFormerSeries(source, rule.config, rule.labels, tsMs - queryOffsetMs));
    }
  } catch (error) {
    logger.warn({ group: config.name, reason: messageOf(error) }, "former series not read");
  }
}
