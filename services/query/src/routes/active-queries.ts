import { AppError } from "@monotreme/errors";
import { type FastifyInstance, successEnvelope } from "@monotreme/http";
import type { ActiveQueries, ActiveQuery } from "../execution/active-queries.ts";
import { tenantOf } from "./route-context.ts";

export interface ActiveQueriesOptions {
  readonly active: ActiveQueries;
  /** `--web.enable-admin-api`; without it queries are listed but not ended. */
  readonly isAdminEnabled: boolean;
  /** Epoch ms. */
  readonly now: () => number;
}

/** `/api/v1/status/active_queries`: the caller's tenant's queries that run or wait; `DELETE …/<id>` ends one. */
export function addActiveQueryRoutes(
  app: FastifyInstance,
  { active, isAdminEnabled, now }: ActiveQueriesOptions,
): void {
  app.get("/api/v1/status/active_queries", async (request) =>
    successEnvelope(active.of(tenantOf(request)).map((query) => shown(query, now()))),
  );
  app.delete<{ Params: { id: string } }>("/api/v1/status/active_queries/:id", async (request, reply) => {
    if (!isAdminEnabled) {
      throw new AppError("ADMIN_API_DISABLED", "unavailable", "admin APIs disabled: start with --web.enable-admin-api");
    }
    const { id } = request.params;
    if (!active.kill(tenantOf(request), id)) {
      throw new AppError("QUERY_NOT_ACTIVE", "not-found", `no query ${JSON.stringify(id)} is running`);
    }
    return reply.code(204).send();
  });
}

function shown({ id, kind, tenant, text, startedMs, state, samplesRead }: ActiveQuery, nowMs: number): object {
  return {
    id,
    kind,
    tenant,
    query: text,
    state,
    samplesRead,
    start: new Date(startedMs).toISOString(),
    elapsedSeconds: Math.max(0, nowMs - startedMs) / 1000,
  };
}
