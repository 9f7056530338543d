import { TENANT_HEADER, tenantFromHeader } from "@monotreme/contracts";
import type { FastifyReply, FastifyRequest } from "@monotreme/http";
import type { LanguageOptions, QueryLimits } from "../execution/query-limits.ts";
import type { QueryRunner } from "../execution/query-runner.ts";
import type { QueryStorage } from "../execution/query-storage.ts";
import type { AnswerMeter } from "../response/send-json.ts";
import { RequestParameters } from "./request-parameters.ts";

/** What the routes of the query API share. */
export interface RouteContext {
  readonly storage: QueryStorage;
  readonly runner: QueryRunner;
  readonly limits: QueryLimits;
  readonly language: LanguageOptions;
  readonly meter: AnswerMeter;
  /** Epoch ms. */
  readonly now: () => number;
}

export function tenantOf(request: FastifyRequest): string {
  return tenantFromHeader(request.headers[TENANT_HEADER]);
}

/** The body is a string only where the request carried a form. */
export function parametersOf(request: FastifyRequest): RequestParameters {
  return new RequestParameters(request.raw.url ?? "", typeof request.body === "string" ? request.body : undefined);
}

/** Fires when the client goes away before its answer is complete. */
export function clientSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort(new Error("the client is gone"));
  });
  return controller.signal;
}
