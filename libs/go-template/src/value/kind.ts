import { GoFunction } from "./go-function.ts";
import { GoMap, GoObject, GoSlice, GoStruct } from "./go-object.ts";
import { GoInteger, SafeContent } from "./go-scalars.ts";
import type { GoValue } from "./go-value.ts";

/** Go's kinds as far as templates tell them apart. */
export type Kind =
  | "invalid"
  | "interface"
  | "string"
  | "bool"
  | "float"
  | "int"
  | "uint"
  | "slice"
  | "map"
  | "struct"
  | "func";

const PRIMITIVE_KINDS: Readonly<Record<string, Kind>> = {
  string: "string",
  boolean: "bool",
  number: "float",
  bigint: "int",
};
const PRIMITIVE_TYPES: Readonly<Record<string, string>> = {
  string: "string",
  boolean: "bool",
  number: "float64",
  bigint: "int",
};

/** The kind of a value; integers of all widths are `int` or `uint`, pointers count as what they point to. */
export function kindOf(value: GoValue): Kind {
  if (typeof value === "object") return kindOfObject(value);
  return PRIMITIVE_KINDS[typeof value] ?? "invalid";
}

function kindOfObject(value: GoValue): Kind {
  if (value === null) return "interface";
  if (value instanceof GoSlice) return "slice";
  if (value instanceof GoMap) return "map";
  if (value instanceof SafeContent) return "string";
  if (value instanceof GoInteger) return value.kind.startsWith("u") ? "uint" : "int";
  if (value instanceof GoFunction) return "func";
  return value instanceof GoObject && value.integer !== undefined ? "int" : "struct";
}

/** The integer of a value of kind `int` or `uint`. */
export function integerOf(value: GoValue): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (value instanceof GoInteger) return value.value;
  return value instanceof GoObject ? value.integer : undefined;
}

/** The text of a value of kind `string`. */
export function stringOf(value: GoValue): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof SafeContent ? value.text : undefined;
}

/** The Go type of a value as errors and `%T` name it. */
export function typeNameOf(value: GoValue): string {
  if (typeof value !== "object") return PRIMITIVE_TYPES[typeof value] ?? "<nil>";
  if (value === null) return "interface {}";
  if (value instanceof GoInteger) return value.kind;
  if (value instanceof GoFunction) return `func(${value.params.join(", ")})`;
  return value.typeName;
}

/** Whether a value counts as true: not the zero of its type; structs always do. */
export function isTrue(value: GoValue): boolean {
  if (value === undefined || value === null || value === "" || value === false) return false;
  if (typeof value === "number") return value !== 0;
  if (value instanceof GoSlice) return value.items.length > 0;
  if (value instanceof GoMap) return value.entries.size > 0;
  if (value instanceof GoStruct) return true;
  const integer = integerOf(value);
  if (integer !== undefined) return integer !== 0n;
  return stringOf(value) !== "";
}

/** Whether Go's `value` is assignable to a type of that name. */
export function isAssignable(value: GoValue, typeName: string): boolean {
  if (typeName === "interface {}" || typeName === "reflect.Value") return true;
  if (value === undefined || value === null) return false;
  if (typeNameOf(value) === typeName) return true;
  return (value instanceof GoSlice || value instanceof GoMap) && value.underlying === typeName;
}

/** Whether nil can stand for a type of that name. */
export function canBeNil(typeName: string): boolean {
  return /^(?:interface \{\}|reflect\.Value|\[\]|map\[|\*|func\()/.test(typeName);
}
