import { GoFunction } from "./go-function.ts";
import { GoMap, GoObject, GoSlice, GoStruct } from "./go-object.ts";
import { GoInteger, SafeContent } from "./go-scalars.ts";
import type { GoValue, TemplateValue } from "./go-value.ts";

const wrapped = new WeakMap<object, GoSlice | GoMap>();

/** The slice of an array whose type follows from its items: `[]string`, or else `[]interface {}`. */
function sliceOf(items: readonly TemplateValue[]): GoSlice {
  const isText = items.every((item) => typeof item === "string");
  return new GoSlice(items, { typeName: isText ? "[]string" : "[]interface {}" });
}

function mapOf(entries: ReadonlyMap<string, TemplateValue>): GoMap {
  for (const value of entries.values()) {
    if (typeof value !== "string") return new GoMap(entries, { typeName: "map[string]interface {}" });
  }
  return new GoMap(entries, { typeName: "map[string]string", zero: "" });
}

function isGoObject(
  value: object,
): value is GoInteger | SafeContent | GoFunction | GoSlice | GoMap | GoStruct | GoObject {
  return (
    value instanceof GoSlice ||
    value instanceof GoMap ||
    value instanceof GoStruct ||
    value instanceof GoObject ||
    value instanceof GoInteger ||
    value instanceof SafeContent ||
    value instanceof GoFunction
  );
}

function isArray(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

function isMap(value: TemplateValue): value is ReadonlyMap<string, TemplateValue> {
  return value instanceof Map;
}

/** The value that templates see for what a caller gave; the same array or object always gives the same value. */
export function toGoValue(value: TemplateValue): GoValue {
  if (typeof value !== "object" || value === null || isGoObject(value)) return value;
  const known = wrapped.get(value);
  if (known !== undefined) return known;
  const made = isArray(value) ? sliceOf(value) : mapOf(isMap(value) ? value : new Map(Object.entries(value)));
  wrapped.set(value, made);
  return made;
}
