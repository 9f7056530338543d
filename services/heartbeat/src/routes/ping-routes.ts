import type { FastifyInstance, FastifyReply, FastifyRequest } from "@monotreme/http";
import type { CheckStore, LoadedCheck } from "../checks/check-store.ts";
import type { HeartbeatMetrics } from "../metrics.ts";
import { newestEnd } from "../pings/newest-end.ts";
import { type PingAddress, pingAddressOf } from "../pings/ping-address.ts";
import { filterPing } from "../pings/ping-filter.ts";
import type { PingRecorder } from "../pings/ping-recorder.ts";
import type { Project } from "../projects/project.ts";
import type { ProjectDirectory } from "../projects/project-directory.ts";

export interface PingRoutesOptions {
  readonly store: CheckStore;
  readonly projects: ProjectDirectory;
  readonly recorder: PingRecorder;
  readonly metrics: HeartbeatMetrics;
  readonly bodyLimitBytes: number;
  /** Makes a check for a slug that has none; undefined where the project may have no more. */
  readonly createCheck: (project: Project, slug: string) => Promise<LoadedCheck | undefined>;
}

interface PingRequest {
  Params: { readonly first: string; readonly second?: string; readonly third?: string };
  Querystring: { readonly rid?: string | string[]; readonly create?: string | string[] };
}

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAX_USER_AGENT = 200;
/** Below the paths of Healthchecks when it is hosted by oneself, and at the root as its own service has them. */
const MOUNTS = ["/ping", ""];
const SHAPES = ["/:first", "/:first/:second", "/:first/:second/:third"];

interface PingAnswer {
  readonly code: number;
  readonly text: string;
}

/** `/ping/<uuid>` and `/ping/<ping key>/<slug>`, each also without `/ping`, with every method and any body. */
export function addPingRoutes(app: FastifyInstance, options: PingRoutesOptions): void {
  for (const url of MOUNTS.flatMap((mount) => SHAPES.map((shape) => mount + shape))) {
    app.route<PingRequest>({
      method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
      url,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const { first, second, third } = request.params;
        const segments = [first, second, third].filter((each) => each !== undefined);
        const address = pingAddressOf(segments);
        const answer =
          typeof address === "string"
            ? { code: address === "not found" ? 404 : 400, text: address }
            : await takePing(options, address, request);
        if (answer.code >= 400) options.metrics.refusedPings.inc({ code: String(answer.code) });
        return sendAnswer(reply, answer, options.bodyLimitBytes);
      },
    });
  }
}

async function takePing(
  options: PingRoutesOptions,
  address: PingAddress,
  request: FastifyRequest<PingRequest>,
): Promise<PingAnswer> {
  const { rid, create } = request.query;
  const runId = typeof rid === "string" ? rid.toLowerCase() : undefined;
  if (rid !== undefined && (runId === undefined || !RUN_ID.test(runId))) {
    return { code: 400, text: "invalid uuid format" };
  }
  const found = await findCheck(options, address, create === "1");
  if ("code" in found) return found;
  const body = await newestEnd(request.raw, options.bodyLimitBytes);
  const { definition } = found.check;
  const isRecorded = await options.recorder.record(definition.id, {
    action: filterPing({ action: address.action, method: request.method, body }, definition),
    scheme: firstOf(request.headers["x-forwarded-proto"]) ?? "http",
    remoteAddress: remoteAddressOf(request),
    method: request.method,
    userAgent: (request.headers["user-agent"] ?? "").slice(0, MAX_USER_AGENT),
    runId,
    exitStatus: address.exitStatus,
    body,
  });
  if (!isRecorded) return { code: 404, text: "not found" };
  return found.isNew ? { code: 201, text: "Created" } : { code: 200, text: "OK" };
}

async function findCheck(
  { store, projects, createCheck }: PingRoutesOptions,
  { check }: PingAddress,
  mayCreate: boolean,
): Promise<{ readonly check: LoadedCheck; readonly isNew: boolean } | PingAnswer> {
  const notFound = { code: 404, text: "not found" };
  if ("id" in check) {
    const found = store.get(check.id);
    return found === undefined ? notFound : { check: found, isNew: false };
  }
  const project = projects.withPingKey(check.pingKey);
  if (project === undefined) return notFound;
  const [found, another] = store.withSlug(project.id, check.slug);
  if (another !== undefined) return { code: 409, text: "ambiguous slug" };
  if (found !== undefined) return { check: found, isNew: false };
  const created = mayCreate ? await createCheck(project, check.slug) : undefined;
  return created === undefined ? notFound : { check: created, isNew: true };
}

function sendAnswer(reply: FastifyReply, { code, text }: PingAnswer, bodyLimitBytes: number): FastifyReply {
  return reply
    .code(code)
    .headers({
      "Content-Type": "text/plain; charset=utf-8",
      "Ping-Body-Limit": String(bodyLimitBytes),
      "Access-Control-Allow-Origin": "*",
      "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    })
    .send(text);
}

/** Behind a proxy the address that it saw first, without a port. */
function remoteAddressOf({ headers, ip }: FastifyRequest<PingRequest>): string {
  const forwarded = firstOf(headers["x-forwarded-for"]);
  if (forwarded === undefined) return ip;
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(forwarded)?.[1];
  return (bracketed ?? forwarded.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")).slice(0, 45);
}

function firstOf(header: string | string[] | undefined): string | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.split(",", 1)[0]?.trim();
  return text === "" ? undefined : text;
}
