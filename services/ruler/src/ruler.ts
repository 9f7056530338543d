import { type Bus, BucketWatch, Leases, openBucket, type SampleSink, translateBusError } from "@monotreme/bus";
import { type Clock, SYSTEM_CLOCK } from "@monotreme/clock";
import { ALERT_STATE_BUCKET, RULE_GROUPS_BUCKET, SAMPLES_STREAM } from "@monotreme/contracts";
import { createDiscoverer, discoveryMetrics } from "@monotreme/discovery";
import { messageOf } from "@monotreme/errors";
import type { FastifyInstance } from "@monotreme/http";
import { createSeriesHasher } from "@monotreme/model";
import { loadPrometheusConfig, type PrometheusConfig } from "@monotreme/prometheus-config";
import type { SampleSource } from "@monotreme/promql";
import type { ParseRulesOptions } from "@monotreme/rules";
import { type Logger, MONOTREME_VERSION, type Telemetry } from "@monotreme/telemetry";
import { IngestWatermark, type StreamProgress } from "./evaluation/ingest-watermark.ts";
import { languageFromFeatures, type RuleLanguage } from "./evaluation/language.ts";
import { ruleReading } from "./groups/check-rule-file.ts";
import { createGroupParts, type EvaluationLimits } from "./groups/create-group-parts.ts";
import { readFileGroups } from "./groups/file-groups.ts";
import { groupLeases, LEASE_HOLDER } from "./groups/group-leases.ts";
import { GroupManager } from "./groups/group-manager.ts";
import { GroupStore } from "./groups/group-store.ts";
import { RuleSet } from "./groups/rule-set.ts";
import { followRuleObjects, type KubernetesRuleSettings } from "./kubernetes/follow-rule-objects.ts";
import { ObjectRules } from "./kubernetes/object-rules.ts";
import { createRulerMetrics, type RulerMetrics } from "./metrics.ts";
import { answerQuestions } from "./routes/answer-questions.ts";
import { rulerConfigRoutes } from "./routes/ruler-config.ts";
import { createAlertPoster } from "./sending/alert-poster.ts";
import type { PublishMessage } from "./sending/alert-publisher.ts";
import { Notifier } from "./sending/notifier.ts";
import { AlertStateStore } from "./state/alert-state-store.ts";
import { createTemplateCheck, createTemplateExpander } from "./templates/rule-templates.ts";

/** As upstream's, because receivers look at it. */
const USER_AGENT = `Prometheus/3.0 (Monotreme/${MONOTREME_VERSION})`;

export interface RulerOptions extends EvaluationLimits, KubernetesRuleSettings {
  readonly bus: Bus;
  readonly writer: SampleSink;
  /** What rules of a tenant read. */
  readonly sourceOf: (tenant: string, options: { readonly startTimestamps: boolean }) => SampleSource;
  readonly telemetry: Telemetry;
  readonly configFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For links in alerts; without a slash at its end. */
  readonly externalUrl: string;
  readonly features: string;
  readonly configAutoReload: boolean;
  readonly configAutoReloadInterval: number;
  readonly partitions: number;
  readonly streamReplicas: number;
  readonly resendDelayMs: number;
  readonly watermarkWaitMs: number;
  readonly publishAlerts: boolean;
  readonly leaseTtlMs: number;
  readonly notificationQueueCapacity: number;
  readonly notificationBatchSize: number;
  readonly drainNotifications: boolean;
  readonly clock?: Clock;
}

/** A running ruler. */
export interface Ruler {
  /** The configuration in force. */
  readonly config: PrometheusConfig;
  /** Reads configuration and rule files again; with any fault, which it throws, nothing changes. */
  reload(): Promise<void>;
  /** The API of rule groups, as a plugin for `app.register`. */
  readonly routes: (app: FastifyInstance) => Promise<void>;
  /** Hands the groups to other rulers after the evaluations under way, then sends what waits. */
  close(deadline: AbortSignal): Promise<void>;
}

/** What the pieces of one ruler share. */
interface RulerContext {
  readonly options: RulerOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RulerMetrics;
  readonly language: RuleLanguage;
  readonly notifier: Notifier;
  readonly leases: Leases;
  readonly evaluationIntervalMs: number;
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

/** Reads configuration and rule files, throwing the faults of either, and begins to evaluate. */
export async function startRuling(options: RulerOptions): Promise<Ruler> {
  const { bus, telemetry, streamReplicas, configFile, environment, clock = SYSTEM_CLOCK } = options;
  const logger = telemetry.logger.child({ component: "ruler" });
  const metrics = createRulerMetrics(telemetry.registry);
  const language = languageFromFeatures(options.features);
  const rules = { parser: language.parser, checkTemplate: createTemplateCheck() };
  const config = await loadPrometheusConfig(configFile, environment);
  // A faulty rule file is told before anything is opened.
  await readFileGroups(config, rules);
  const notifier = createNotifier(options, clock, metrics);
  const leases = await Leases.open(bus, { holder: LEASE_HOLDER, ttlMs: options.leaseTtlMs, replicas: streamReplicas });
  const { evaluationIntervalMs } = config.global;
  const externalLabels = (): Readonly<Record<string, string>> => ruleSet.config?.global.externalLabels ?? {};
  const shared = { options, clock, logger, metrics, language, notifier, leases, evaluationIntervalMs, externalLabels };
  const manager = await createManager(shared);
  const bucket = await openBucket(bus, RULE_GROUPS_BUCKET, streamReplicas);
  const store = new GroupStore(bucket, rules, () => ruleSet.groupsChanged(), logger);
  const objects = createObjectRules(shared, rules, () => ruleSet.groupsChanged());
  const files = { configFile, environment, rules };
  const ruleSet = new RuleSet({ ...files, store, objects, manager, notifier, metrics, clock, logger });
  const watch = new BucketWatch(bus, bucket, {
    onEntry: (entry) => store.onEntry(entry),
    onMissing: (key) => store.onMissing(key),
  });
  await watch.start();
  await ruleSet.reload();
  objects?.start();
  if (options.configAutoReload) ruleSet.watch(options.configAutoReloadInterval);
  const questions = answerQuestions({ bus, replica: leases.id, groups: () => manager.groups, notifier, logger });
  const close = async (deadline: AbortSignal): Promise<void> => {
    await Promise.all([watch.close(), objects?.close()]);
    await ruleSet.close();
    await manager.close();
    await leases.close();
    await notifier.close(deadline);
    await questions.close();
  };
  return rulerOf(ruleSet, rulerConfigRoutes({ store, rules }), close);
}

function rulerOf(ruleSet: RuleSet, routes: Ruler["routes"], close: Ruler["close"]): Ruler {
  let closing: Promise<void> | undefined;
  return {
    get config() {
      if (ruleSet.config === undefined) throw new Error("no configuration was ever applied");
      return ruleSet.config;
    },
    reload: async () => ruleSet.reload(),
    routes,
    close: async (deadline) => {
      closing ??= close(deadline);
      return closing;
    },
  };
}

/** Undefined where objects are not followed. */
function createObjectRules(
  { options, clock, logger, metrics }: RulerContext,
  rules: ParseRulesOptions,
  onChange: () => void,
): ObjectRules | undefined {
  if (!options.kubernetesRules) return undefined;
  const follow = followRuleObjects(options, {
    environment: options.environment,
    userAgent: USER_AGENT,
    clock,
    logger,
  });
  return new ObjectRules({ follow, rules, onChange, meters: metrics.objects, clock, logger });
}

async function createManager(context: RulerContext): Promise<GroupManager> {
  const { options, clock, logger, metrics, language, notifier, leases, evaluationIntervalMs } = context;
  const { bus, externalUrl, streamReplicas } = options;
  const store = new AlertStateStore(await openBucket(bus, ALERT_STATE_BUCKET, streamReplicas), logger);
  const createParts = createGroupParts({
    limits: options,
    language,
    evaluationIntervalMs,
    sourceOf: (tenant) => options.sourceOf(tenant, { startTimestamps: language.useStartTimestamps }),
    sink: options.writer,
    hasher: await createSeriesHasher(),
    partitions: options.partitions,
    expandTemplate: createTemplateExpander({
      parser: language.parser,
      externalUrl,
      externalLabels: context.externalLabels,
      onFailure: (alert, error) => logger.warn({ alert, reason: messageOf(error) }, "template failed"),
    }),
    delivery: {
      store,
      notifier,
      publish: options.publishAlerts ? publisherOf(bus) : undefined,
      resendDelayMs: options.resendDelayMs,
      externalUrl,
      onFailed: (step) => metrics.deliveryFailures.inc({ step }),
      onPublished: (alerts) => metrics.published.inc(alerts),
      logger,
    },
    logger,
  });
  return new GroupManager({
    clock,
    store,
    leases: groupLeases(leases),
    createParts,
    createMeter: (definition) => metrics.groupMeter(definition),
    waitForData: watermarkOf(options, clock, metrics),
    logger,
  });
}

/** Throws `RULE_FILE_INVALID` where rule files of a configuration cannot be used. */
export async function checkRuleFiles(config: PrometheusConfig, features: string): Promise<void> {
  await readFileGroups(config, ruleReading(features));
}

function createNotifier(options: RulerOptions, clock: Clock, metrics: RulerMetrics): Notifier {
  const { telemetry, environment, notificationQueueCapacity, notificationBatchSize, drainNotifications } = options;
  metrics.queueCapacity.set(notificationQueueCapacity);
  const logger = telemetry.logger.child({ component: "notifier" });
  const shared = { clock, logger, metrics: discoveryMetrics(telemetry.registry), environment, userAgent: USER_AGENT };
  return new Notifier({
    createPoster: (config) => createAlertPoster(config, { userAgent: USER_AGENT, environment }),
    capacity: notificationQueueCapacity,
    batchSize: notificationBatchSize,
    drains: drainNotifications,
    createMeter: (url) => metrics.queueMeter(url),
    createDiscoverer: (config) => createDiscoverer(config, shared),
    clock,
    onDiscovered: (count) => metrics.alertmanagersDiscovered.set(count),
    logger,
  });
}

function publisherOf(bus: Bus): PublishMessage {
  return async (subject, data, msgID) => {
    try {
      await bus.jetstream.publish(subject, data, { msgID, retries: 2, timeout: 2500 });
    } catch (error) {
      throw translateBusError(error, "publish alerts");
    }
  };
}

function watermarkOf({ bus, watermarkWaitMs }: RulerOptions, clock: Clock, metrics: RulerMetrics) {
  const readProgress = async (): Promise<StreamProgress> => {
    const { state } = await bus.manager.streams.info(SAMPLES_STREAM);
    const { last_seq: lastSequence, first_seq: firstSequence, messages } = state;
    // A work queue keeps what nobody has acknowledged: its first message is the first that is not stored.
    return { lastSequence, firstWaiting: messages === 0 ? lastSequence + 1 : firstSequence };
  };
  const watermark = new IngestWatermark({ readProgress, maxWaitMs: watermarkWaitMs, clock });
  return async () => {
    const startedMs = performance.now();
    const outcome = await watermark.wait();
    metrics.waited(outcome, (performance.now() - startedMs) / 1000);
    return outcome;
  };
}
