import { ApiFault } from "./api-fault.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The object of a request's body, whatever its type is said to be; an empty body is an empty object. */
export function jsonBodyOf(body: unknown): JsonObject {
  if (!(body instanceof Uint8Array) || body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(body));
  } catch {
    throw new ApiFault(400, "could not parse request body");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiFault(400, "json validation error: value is not an object");
  }
  return Object.fromEntries(Object.entries(value));
}
