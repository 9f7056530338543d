import type { FreeValue } from "@monotreme/alertmanager-config";
import { parseYaml } from "@monotreme/prometheus-config";
import type { GoJsonValue } from "../delivery/go-json.ts";
import type { MessageExpander } from "./message-expander.ts";

/**
 * A free value with the templates in its texts and keys expanded. As upstream does it, a text whose expansion is YAML of
 * another kind becomes that: `{{ .Alerts | toJson }}` a list, `{{ len .Alerts }}` a number.
 */
export function expandFreeValue(field: string, value: FreeValue, expander: MessageExpander): GoJsonValue {
  if (typeof value === "string") return expandText(field, value, expander);
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((item) => expandFreeValue(field, item, expander));
  return new Map(
    Object.entries(value).map(([name, member]) => [
      expander.value(field, name, name),
      expandFreeValue(`${field}.${name}`, member, expander),
    ]),
  );
}

function expandText(field: string, template: string, expander: MessageExpander): GoJsonValue {
  const problems = expander.problems.length;
  const text = expander.text(field, template);
  // What stands in for a broken template is a text, whatever it looks like.
  return expander.problems.length > problems ? text : structureOf(text);
}

function structureOf(text: string): GoJsonValue {
  const document = parseYaml(text, { intAsBigInt: true, logLevel: "silent" })?.document;
  if (document === undefined || document.errors.length > 0) return text;
  try {
    const value: unknown = document.toJS({ mapAsMap: true });
    return typeof value === "string" ? text : jsonOf(value);
  } catch {
    // More aliases than the parser expands.
    return text;
  }
}

function jsonOf(value: unknown): GoJsonValue {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value instanceof Map) return new Map([...value].map(([name, member]) => [String(name), jsonOf(member)]));
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  return value === true;
}

function isList(value: object): value is readonly FreeValue[] {
  return Array.isArray(value);
}
