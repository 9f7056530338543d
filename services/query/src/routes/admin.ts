import { AppError } from "@monotreme/errors";
import type { FastifyInstance, FastifyReply } from "@monotreme/http";
import type { DeletionReceipt } from "@monotreme/storage";
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
      const receipt = await administration.deleteSeries(tenantOf(request), { matcherSets, fromMs, untilMs, signal });
      if (receipt !== undefined) void reply.header(DELETION_HEADER, receipt.id);
      return reply.code(204).send();
    },
  });
  app.get("/api/v1/admin/tsdb/deletions", async (request, reply) => {
    if (!enableAdminApi) return refuse(reply, DISABLED);
    const receipts = await administration.deletions(tenantOf(request), { signal: boundedSignal(reply, context) });
    return { status: "success", data: receipts.map(deletionJson) };
  });
  app.get<{ Params: { id: string } }>("/api/v1/admin/tsdb/deletions/:id", async (request, reply) => {
    if (!enableAdminApi) return refuse(reply, DISABLED);
    const { id } = request.params;
    const [receipt] = await administration.deletions(tenantOf(request), { id, signal: boundedSignal(reply, context) });
    if (receipt === undefined) throw new AppError("DELETION_NOT_FOUND", "not-found", `there is no deletion ${id}`);
    return { status: "success", data: deletionJson(receipt) };
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

/** Names the receipt of what `delete_series` did. */
const DELETION_HEADER = "x-monotreme-deletion";

function deletionJson(receipt: DeletionReceipt) {
  const { id, state, matchers, fromMs, untilMs, series, rows, samples, buckets, createdMs, updatedMs } = receipt;
  return {
    id,
    state,
    matchers,
    start: dateText(fromMs),
    end: dateText(untilMs),
    created: dateText(createdMs),
    completed: state === "complete" ? dateText(updatedMs) : null,
    series,
    /** Of rows at once, of blocks as they are written again. */
    samples: { rows, blocks: samples, total: rows + samples },
    bucketsRemoved: buckets,
  };
}

/** Null where no bound was given. */
function dateText(timestampMs: number): string | null {
  return Math.abs(timestampMs) <= MAX_DATE_MS ? new Date(timestampMs).toISOString() : null;
}

const MAX_DATE_MS = 8.64e15;

/** Upstream's answer to what is switched off: type `unavailable`, but 500, because coming back does not help. */
function refuse(reply: FastifyReply, error: string): FastifyReply {
  return reply.code(500).send({ status: "error", errorType: "unavailable", error });
}
