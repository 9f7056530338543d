import type { ParameterType } from "./go-function.ts";
import { GoMap, GoSlice } from "./go-object.ts";
import type { GoValue } from "./go-value.ts";
import { integerOf } from "./kind.ts";
import { toGoValue } from "./to-go-value.ts";

/** A Go `string`. */
export const STRING: ParameterType<string> = {
  typeName: "string",
  read: (value) => (typeof value === "string" ? value : ""),
};

/** A Go `int`; values beyond 2^53 lose precision. */
export const INT: ParameterType<number> = {
  typeName: "int",
  read: (value) => Number(integerOf(value) ?? 0n),
};

/** A Go `float64`. */
export const FLOAT: ParameterType<number> = {
  typeName: "float64",
  read: (value) => (typeof value === "number" ? value : 0),
};

/** A Go `bool`. */
export const BOOL: ParameterType<boolean> = { typeName: "bool", read: (value) => value === true };

/** Any value; one that is missing comes as null. */
export const ANY: ParameterType<GoValue> = { typeName: "interface {}", read: (value) => value };

/** A Go `[]string`. */
export const STRINGS: ParameterType<readonly string[]> = {
  typeName: "[]string",
  read: (value) => (value instanceof GoSlice ? value.items.map((item) => (typeof item === "string" ? item : "")) : []),
};

/** A Go `[]interface {}`. */
export const VALUES: ParameterType<readonly GoValue[]> = {
  typeName: "[]interface {}",
  read: (value) => (value instanceof GoSlice ? value.items.map(toGoValue) : []),
};

/** A parameter of any type with a class of its own, such as `time.Time`. */
export function instanceParameter<T extends GoValue>(
  typeName: string,
  isInstance: (value: GoValue) => value is T,
  zero: () => T,
): ParameterType<T> {
  return { typeName, read: (value) => (isInstance(value) ? value : zero()) };
}

/** A Go map whose type has that name. */
export function mapParameter(typeName: string): ParameterType<GoMap | undefined> {
  return { typeName, read: (value) => (value instanceof GoMap ? value : undefined) };
}
