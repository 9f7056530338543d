import { compareUtf8 } from "@monotreme/model";

/**
 * What {@link goJson} writes: plain objects keep their order and leave out what is undefined, as Go's structs with
 * `omitempty` do; Maps are Go's maps, with keys in the order of their bytes.
 */
export type GoJsonValue =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly GoJsonValue[]
  | ReadonlyMap<string, GoJsonValue>
  | { readonly [name: string]: GoJsonValue };

/** JSON byte for byte as Go's `encoding/json` writes it: `<`, `>`, `&` and line separators escaped, maps sorted. */
export function goJson(value: GoJsonValue): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : "null";
  if (value === null || value === undefined || typeof value === "boolean") return JSON.stringify(value ?? null);
  if (isList(value)) return `[${value.map(goJson).join(",")}]`;
  const entries = isMap(value) ? [...value].toSorted(([a], [b]) => compareUtf8(a, b)) : Object.entries(value);
  const members = entries.filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${quoted(name)}:${goJson(member)}`).join(",")}}`;
}

/** The value unless it is empty, for fields with `omitempty`. */
export function orOmitted<T extends string | boolean | number | readonly GoJsonValue[]>(value: T): T | undefined {
  const isEmpty = typeof value === "object" ? value.length === 0 : !value;
  return isEmpty ? undefined : value;
}

function isList(value: object): value is readonly GoJsonValue[] {
  return Array.isArray(value);
}

function isMap(value: object): value is ReadonlyMap<string, GoJsonValue> {
  return value instanceof Map;
}

const ESCAPED = /[<>&\u2028\u2029]|\p{Surrogate}/gu;

/** ASCII of which nothing is escaped: nearly all labels, and groups may have many thousands. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  const wellFormed = text.replace(/\p{Surrogate}/gu, "\ufffd");
  return JSON.stringify(wellFormed).replace(
    ESCAPED,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
