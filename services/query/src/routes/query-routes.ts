import type { FastifyInstance } from "@monotreme/http";
import type { TenantLimits } from "@monotreme/prometheus-config";
import type { Telemetry } from "@monotreme/telemetry";
import type { ResultCacheParts } from "../cache/result-cache.ts";
import { createExecution, type Execution, type WorkerOptions } from "../execution/create-execution.ts";
import { languageFromFeatures, type QueryLimits } from "../execution/query-limits.ts";
import type { QueryLog } from "../execution/query-log.ts";
import { SMALL_QUERY } from "../execution/query-weight.ts";
import type { StorageAdministration } from "../administration/storage-administration.ts";
import type { QueryStorage } from "../execution/query-storage.ts";
import { ReadGate } from "../raw-reads/read-gate.ts";
import type { ServerInfo } from "../server-info.ts";
import type { RuleDirectory } from "../rules/rule-directory.ts";
import type { TargetDirectory } from "../targets/target-directory.ts";
import { addActiveQueryRoutes } from "./active-queries.ts";
import { addAdminRoutes } from "./admin.ts";
import { addCors } from "./cors.ts";
import { addExemplarsRoute } from "./exemplars.ts";
import { addFeaturesRoute } from "./features.ts";
import { addFederateRoute } from "./federate.ts";
import { addInstantQueryRoute } from "./instant-query.ts";
import { addLabelRoutes } from "./labels.ts";
import { addMetadataRoute } from "./metadata.ts";
import { answerWrongMethods } from "./method-not-allowed.ts";
import { addRangeQueryRoute } from "./range-query.ts";
import { addRemoteReadRoute } from "./remote-read.ts";
import type { RouteContext } from "./route-context.ts";
import { addRuleRoutes } from "./rules.ts";
import { addSeriesRoute } from "./series.ts";
import { addStartPage } from "./start-page.ts";
import { addStatusRoutes } from "./status.ts";
import { addStorageStatusRoutes } from "./storage-status.ts";
import { addSyntaxRoutes } from "./syntax.ts";
import { addTargetRoutes } from "./targets.ts";

export interface QueryRoutesOptions extends QueryLimits, Omit<WorkerOptions, "clickhouse"> {
  readonly storage: QueryStorage;
  readonly administration: StorageAdministration;
  readonly targets: TargetDirectory;
  readonly rules: RuleDirectory;
  readonly telemetry: Telemetry;
  readonly info: ServerInfo;
  /** The labels that go with every series that leaves for another system. */
  readonly externalLabels: () => Readonly<Record<string, string>>;
  /** The step of subqueries that name none: the global evaluation interval. */
  readonly evaluationIntervalMs: number;
  /** A regular expression for origins whose pages may read the API. */
  readonly corsOrigin: string;
  /** Where workers read; without it, large queries are evaluated on the main thread as well. */
  readonly clickhouse?: WorkerOptions["clickhouse"];
  readonly queryLog?: QueryLog | undefined;
  /** What tenants may do beside or instead of the limits here. */
  readonly tenantLimits?: Pick<TenantLimits, "queryOf"> | undefined;
  /** Where results of range queries are kept; without it none are. */
  readonly cache?: ResultCacheParts | undefined;
  /** Queries that take longer are named in the log; 0: none. */
  readonly slowQueryMs: number;
  /** `--web.enable-admin-api`. */
  readonly enableAdminApi: boolean;
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
    const { context, execution } = createContext(options);
    app.addHook("onClose", async () => execution.close());
    addInstantQueryRoute(app, context);
    addRangeQueryRoute(app, context);
    addSeriesRoute(app, context);
    addLabelRoutes(app, context);
    addMetadataRoute(app, context);
    addTargetRoutes(app, context, options.targets);
    addStatusRoutes(app, options.info, options.now);
    const reads = { gate: new ReadGate(), externalLabels: options.externalLabels };
    addFederateRoute(app, context, reads);
    await addRemoteReadRoute(app, context, reads);
    addStorageStatusRoutes(app, context, options.administration);
    addActiveQueryRoutes(app, { active: execution.active, isAdminEnabled: options.enableAdminApi, now: options.now });
    addAdminRoutes(app, context, options);
    addExemplarsRoute(app, context, options.administration);
    addSyntaxRoutes(app, context);
    addFeaturesRoute(app, context, options.enableAdminApi);
    addRuleRoutes(app, context, options.rules);
    addStartPage(app, options.info);
    answerOtherMethods();
  };
}

interface Started {
  readonly context: RouteContext;
  readonly execution: Execution;
}

function createContext(options: QueryRoutesOptions): Started {
  const { storage, now, clickhouse } = options;
  const language = languageFromFeatures(options.features);
  const execution = createExecution({
    ...options,
    limits: options,
    language,
    workers: clickhouse === undefined ? undefined : { ...options, clickhouse },
  });
  const maxSeries = clickhouse === undefined ? options.maxSeries : SMALL_QUERY.maxSeries;
  const context = {
    storage,
    limits: options,
    language,
    now,
    smallSource: (tenant: string) =>
      storage.samples(tenant, { maxSeries, startTimestamps: language.useStartTimestamps }),
    runner: execution.runner,
    meter: execution.metrics,
  };
  return { context, execution };
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
