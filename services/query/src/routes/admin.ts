import type { FastifyInstance, FastifyReply } from "@monotreme/http";
import type { StorageAdministration } from "../administration/storage-administration.ts";
import { indexRequestOf } from "./index-request.ts";
import { ParameterError } from "./request-parameters.ts";
import { boundedSignal, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

export interface AdminOptions {
  readonly administration: StorageAdministration;
  /** `--web.enable-admin-api`. */
  readonly enableAdminApi: boolean;
}

const METHODS = ["POST", "PUT"];
const DISABLED = "admin APIs disabled";
const NO_SNAPSHOTS = "snapshots are not supported: use ClickHouse's BACKUP, or copy a stopped storage folder";

/** `/api/v1/admin/tsdb/*`: deletes series of the caller's tenant, and frees the space of what was deleted. */
export function addAdminRoutes(
  app: FastifyInstance,
  context: RouteContext,
  { administration, enableAdminApi }: AdminOptions,
): void {
  app.route({
    method: METHODS,
    url: "/api/v1/admin/tsdb/delete_series",
    handler: async (request, reply) => {
      if (!enableAdminApi) return refuse(reply, DISABLED);
      const signal = boundedSignal(reply, context);
      const { matcherSets, fromMs, untilMs } = indexRequestOf(parametersOf(request), context.language, signal);
      if (matcherSets.length === 0) throw new ParameterError("no match[] parameter provided");
      await administration.deleteSeries(tenantOf(request), { matcherSets, fromMs, untilMs, signal });
      return reply.code(204).send();
    },
  });
  app.route({
    method: METHODS,
    url: "/api/v1/admin/tsdb/clean_tombstones",
    handler: async (_request, reply) => {
      if (!enableAdminApi) return refuse(reply, DISABLED);
      await administration.cleanTombstones(boundedSignal(reply, context));
      return reply.code(204).send();
    },
  });
  app.route({
    method: METHODS,
    url: "/api/v1/admin/tsdb/snapshot",
    handler: async (_request, reply) => refuse(reply, enableAdminApi ? NO_SNAPSHOTS : DISABLED),
  });
}

/** Upstream's answer to what is switched off: type `unavailable`, but 500, because coming back does not help. */
function refuse(reply: FastifyReply, error: string): FastifyReply {
  return reply.code(500).send({ status: "error", errorType: "unavailable", error });
}
