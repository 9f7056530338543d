import type { FastifyInstance } from "@monotreme/http";
import { Engine } from "@monotreme/promql";
import type { Telemetry } from "@monotreme/telemetry";
import { languageFromFeatures, type QueryLimits } from "../execution/query-limits.ts";
import { QueryQueue } from "../execution/query-queue.ts";
import { QueryRunner } from "../execution/query-runner.ts";
import type { StorageAdministration } from "../administration/storage-administration.ts";
import type { QueryStorage } from "../execution/query-storage.ts";
import { createQueryMetrics } from "../metrics.ts";
import type { ServerInfo } from "../server-info.ts";
import type { TargetDirectory } from "../targets/target-directory.ts";
import { addCors } from "./cors.ts";
import { addEmptyAnswers } from "./empty-answers.ts";
import { addFeaturesRoute } from "./features.ts";
import { addInstantQueryRoute } from "./instant-query.ts";
import { addLabelRoutes } from "./labels.ts";
import { addMetadataRoute } from "./metadata.ts";
import { answerWrongMethods } from "./method-not-allowed.ts";
import { addRangeQueryRoute } from "./range-query.ts";
import type { RouteContext } from "./route-context.ts";
import { addSeriesRoute } from "./series.ts";
import { addStartPage } from "./start-page.ts";
import { addStatusRoutes } from "./status.ts";
import { addStorageStatusRoutes } from "./storage-status.ts";
import { addSyntaxRoutes } from "./syntax.ts";
import { addTargetRoutes } from "./targets.ts";

export interface QueryRoutesOptions extends QueryLimits {
  readonly storage: QueryStorage;
  readonly administration: StorageAdministration;
  readonly targets: TargetDirectory;
  readonly telemetry: Telemetry;
  readonly info: ServerInfo;
  /** The step of subqueries that name none: the global evaluation interval. */
  readonly evaluationIntervalMs: number;
  /** A regular expression for origins whose pages may read the API. */
  readonly corsOrigin: string;
  /** Upstream's `--enable-feature`. */
  readonly features: string;
  /** Epoch ms. */
  readonly now: () => number;
}

/** As Go's forms. */
const MAX_FORM_BYTES = 10 * 2 ** 20;

/** Everything the query service serves, as a plugin for `app.register`: on its own listener or on a shared one. */
export function queryRoutes(options: QueryRoutesOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    takeForms(app);
    const answerOtherMethods = answerWrongMethods(app);
    addCors(app, options.corsOrigin);
    const context = createContext(options);
    addInstantQueryRoute(app, context);
    addRangeQueryRoute(app, context);
    addSeriesRoute(app, context);
    addLabelRoutes(app, context);
    addMetadataRoute(app, context);
    addTargetRoutes(app, context, options.targets);
    addStatusRoutes(app, options.info, options.now);
    addStorageStatusRoutes(app, context, options.administration);
    addSyntaxRoutes(app, context);
    addFeaturesRoute(app, context);
    addEmptyAnswers(app);
    addStartPage(app, options.info);
    answerOtherMethods();
  };
}

function createContext(options: QueryRoutesOptions): RouteContext {
  const { storage, now, lookbackMs, timeoutMs, maxConcurrency, maxQueued, maxSamples } = options;
  const limits = { lookbackMs, timeoutMs, maxConcurrency, maxQueued, maxSamples };
  const language = languageFromFeatures(options.features);
  const queue = new QueryQueue(maxConcurrency, maxQueued);
  const metrics = createQueryMetrics(options.telemetry.registry, {
    maxConcurrency,
    running: () => queue.running,
    queued: () => queue.queued,
  });
  const engine = new Engine({
    lookbackMs,
    maxSamples,
    defaultSubqueryStepMs: options.evaluationIntervalMs,
    delayedNameRemoval: language.delayedNameRemoval,
  });
  const runner = new QueryRunner({ engine, queue, limits, metrics });
  return { storage, runner, limits, language, meter: metrics, now };
}

/** Forms are kept as text; bodies of other types are read and left alone, as upstream does. */
function takeForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const options = { parseAs: "string", bodyLimit: MAX_FORM_BYTES } as const;
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    options,
    async (_request: unknown, body: string) => body,
  );
  app.addContentTypeParser("*", options, async () => undefined);
}
