import { messageOf } from "@monotreme/errors";
import type { FastifyInstance, FastifyRequest } from "@monotreme/http";
import { z } from "zod";
import { parseDateTime } from "./date-time.ts";
import { SCHEMA_CODES, SchemaError } from "./api-errors.ts";

/** A time of the API as epoch milliseconds. */
export const dateTimeSchema = z
  .string()
  .transform((text, context) => {
    const timestampMs = parseDateTime(text);
    if (timestampMs !== undefined) return timestampMs;
    context.addIssue({ code: "custom", message: `parsing time ${JSON.stringify(text)} as RFC 3339` });
    return z.NEVER;
  })
  .meta({ format: "date-time" });

/** Bodies stay texts until the route that knows their schema reads them; other media types than JSON are refused. */
export function takeJsonTexts(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
}

/**
 * The body by its schema. Answers as upstream's OpenAPI layer does: what is no JSON or has a wrong type is a parse error
 * (400); of what is missing or too short the first is named (422). `null` counts as missing, unknown fields are dropped.
 */
export function readBody<T>(request: FastifyRequest, name: string, schema: z.ZodType<T>): T {
  const text = typeof request.body === "string" ? request.body : "";
  if (text === "") throw new SchemaError(SCHEMA_CODES.required, `${name} in body is required`);
  requireJson(request.headers["content-type"]);
  const body = parseJson(name, text);
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { issues } = result.error;
  const unreadable = issues.find((issue) => schemaCodeOf(issue, body) === undefined);
  if (unreadable !== undefined) throw parseError(name, `${pathOf(unreadable)}: ${unreadable.message}`);
  throw schemaErrorOf(issues[0], body);
}

function requireJson(contentType: string | undefined): void {
  const type = (contentType ?? "application/octet-stream").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json") return;
  const shown = JSON.stringify(type);
  throw new SchemaError(415, `unsupported media type ${shown}, only [application/json] are allowed`);
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw parseError(name, messageOf(error));
  }
}

function parseError(name: string, reason: string): SchemaError {
  return new SchemaError(400, `parsing ${name} body from "" failed, because ${reason}`);
}

type Issue = z.core.$ZodIssue;

function pathOf(issue: Issue): string {
  return issue.path.map(String).join(".") || "body";
}

/** The code of the first rule that is broken; undefined: a value that could not even be read. */
function schemaCodeOf(issue: Issue, body: unknown): number | undefined {
  if (issue.code === "too_small") return SCHEMA_CODES.tooFewItems;
  if (issue.code === "custom" && issue.params?.["isFormat"] === true) return SCHEMA_CODES.type;
  const isMissing = issue.code === "invalid_type" && (valueAt(body, issue.path) ?? undefined) === undefined;
  return isMissing ? SCHEMA_CODES.required : undefined;
}

function schemaErrorOf(issue: Issue | undefined, body: unknown): SchemaError {
  if (issue === undefined) return new SchemaError(SCHEMA_CODES.required, "body is required");
  const code = schemaCodeOf(issue, body) ?? SCHEMA_CODES.required;
  const path = pathOf(issue);
  if (issue.code === "too_small") {
    return new SchemaError(code, `${path} in body should have at least ${issue.minimum} items`);
  }
  return new SchemaError(
    code,
    issue.code === "custom" ? `${path} in body ${issue.message}` : `${path} in body is required`,
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}
