import { AppError, ERROR_BEHAVIOUR } from "@monotreme/errors";
import type { FastifyInstance, FastifyReply } from "@monotreme/http";
import type { Logger } from "@monotreme/telemetry";
import { SchemaError } from "./api-errors.ts";

/** Faults of the API in upstream's forms: `{code, message}` from the schema layer, a bare JSON string from handlers. */
export function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((thrown, _request, reply) => {
    if (thrown instanceof SchemaError)
      return sendSchemaError(reply, thrown.httpStatus, thrown.schemaCode, thrown.message);
    if (thrown instanceof AppError) return sendAppError(reply, thrown, logger);
    const status = clientStatusOf(thrown);
    if (status !== undefined && thrown instanceof Error) return sendSchemaError(reply, status, status, thrown.message);
    logger.error({ err: thrown }, "request failed");
    return sendText(reply, 500, "internal error");
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    return sendSchemaError(reply, 404, 404, `path ${path} was not found`);
  });
}

export function sendSchemaError(reply: FastifyReply, status: number, code: number, message: string): FastifyReply {
  return reply.code(status).type("application/json").send(JSON.stringify({ code, message }));
}

function sendAppError(reply: FastifyReply, error: AppError, logger: Logger): FastifyReply {
  // Upstream answers a limit as any other request that cannot be met.
  const status = error.kind === "limit" ? 400 : ERROR_BEHAVIOUR[error.kind].httpStatus;
  if (error.kind === "unavailable") reply.header("Retry-After", "1");
  if (error.kind !== "internal") return sendText(reply, status, error.message);
  logger.error({ err: error.cause ?? error }, "request failed");
  return sendText(reply, status, "internal error");
}

function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type("application/json").send(JSON.stringify(text));
}

function clientStatusOf(thrown: unknown): number | undefined {
  if (typeof thrown !== "object" || thrown === null || !("statusCode" in thrown)) return undefined;
  const { statusCode } = thrown;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
