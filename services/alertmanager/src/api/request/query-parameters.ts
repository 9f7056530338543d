import type { FastifyRequest } from "@monotreme/http";

/** What upstream's OpenAPI layer takes for true; everything else is false. */
const TRUE_WORDS: ReadonlySet<string> = new Set([
  "true",
  "1",
  "yes",
  "ok",
  "y",
  "on",
  "selected",
  "checked",
  "t",
  "enabled",
]);

/** Every value of a parameter, in order. */
export function textsOf(request: FastifyRequest, name: string): readonly string[] {
  const value = parameterOf(request, name);
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

/** The last value of a parameter; undefined where it is not given. */
export function textOf(request: FastifyRequest, name: string): string | undefined {
  return textsOf(request, name).at(-1);
}

export function flagOf(request: FastifyRequest, name: string, defaultValue: boolean): boolean {
  const text = textOf(request, name);
  return text === undefined || text === "" ? defaultValue : TRUE_WORDS.has(text.toLowerCase());
}

function parameterOf({ query }: FastifyRequest, name: string): unknown {
  return typeof query === "object" && query !== null && Object.hasOwn(query, name)
    ? Reflect.get(query, name)
    : undefined;
}
