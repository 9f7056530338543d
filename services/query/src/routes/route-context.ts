import { TENANT_HEADER, tenantFromHeader } from "@monotreme/contracts";
import { AppError } from "@monotreme/errors";
import type { FastifyReply, FastifyRequest } from "@monotreme/http";
import { type LanguageOptions, LONGEST_TIMER_MS, type QueryLimits } from "../execution/query-limits.ts";
import type { QueryOrigin, QueryRunner } from "../execution/query-runner.ts";
import type { SampleSource } from "@monotreme/promql";
import type { QueryStorage } from "../execution/query-storage.ts";
import type { AnswerMeter } from "../response/send-json.ts";
import { RequestParameters } from "./request-parameters.ts";

/** What the routes of the query API share. */
export interface RouteContext {
  readonly storage: QueryStorage;
  readonly runner: QueryRunner;
  /** Where queries read that are evaluated on this thread. */
  readonly smallSource: (tenant: string) => SampleSource;
  readonly limits: QueryLimits;
  readonly language: LanguageOptions;
  readonly meter: AnswerMeter;
  /** Epoch ms. */
  readonly now: () => number;
}

export function tenantOf(request: FastifyRequest): string {
  return tenantFromHeader(request.headers[TENANT_HEADER]);
}

export function originOf(request: FastifyRequest): QueryOrigin {
  return { clientIp: request.ip, method: request.method, path: request.url.split("?", 1)[0] ?? "" };
}

/** The body is a string only where the request carried a form. */
export function parametersOf(request: FastifyRequest): RequestParameters {
  return new RequestParameters(request.raw.url ?? "", typeof request.body === "string" ? request.body : undefined);
}

/** Fires when the client goes away before its answer is complete; the reason is an error that says so. */
export function clientSignal(reply: FastifyReply): AbortSignal {
  return stopOnClose(reply).signal;
}

/** Fires as {@link clientSignal} does, and when the answer takes longer than queries may. */
export function boundedSignal(reply: FastifyReply, { limits }: RouteContext): AbortSignal {
  const controller = stopOnClose(reply);
  const timer = setTimeout(
    () => controller.abort(new AppError("QUERY_TIMED_OUT", "timeout", "the request timed out reading the index")),
    Math.min(limits.timeoutMs, LONGEST_TIMER_MS),
  );
  reply.raw.once("close", () => clearTimeout(timer));
  return controller.signal;
}

function stopOnClose(reply: FastifyReply): AbortController {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (reply.raw.writableFinished) return;
    controller.abort(new AppError("QUERY_CANCELED", "canceled", "the client went away before its answer"));
  });
  return controller;
}
