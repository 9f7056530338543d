import type { GoFunction } from "../value/go-function.ts";
import { GoMap, GoObject, GoSlice, GoStruct } from "../value/go-object.ts";
import type { GoValue } from "../value/go-value.ts";
import { typeNameOf } from "../value/kind.ts";
import { toGoValue } from "../value/to-go-value.ts";

/** How a map answers a key it lacks: with the invalid value, or with the zero value of its elements. */
export type MissingKey = "default" | "zero";

/** What `.name` is on a value: a method to call, the value of a field or key, or the message of a fault. */
export type FieldResult =
  | { readonly kind: "method"; readonly method: GoFunction }
  | { readonly kind: "value"; readonly value: GoValue; readonly isKey: boolean }
  | { readonly kind: "fault"; readonly message: string };

function methodOf(receiver: GoValue, name: string): GoFunction | undefined {
  const hasMethods =
    receiver instanceof GoStruct ||
    receiver instanceof GoMap ||
    receiver instanceof GoSlice ||
    receiver instanceof GoObject;
  return hasMethods && Object.hasOwn(receiver.methods, name) ? receiver.methods[name] : undefined;
}

/** Looks a name up as Go's templates do: methods first, then fields of structs and keys of maps. */
export function readField(receiver: GoValue, name: string, missingKey: MissingKey): FieldResult {
  if (receiver === undefined) return { kind: "value", value: undefined, isKey: false };
  const typeName = typeNameOf(receiver);
  if (receiver === null) return { kind: "fault", message: `nil pointer evaluating ${typeName}.${name}` };
  const method = methodOf(receiver, name);
  if (method !== undefined) return { kind: "method", method };
  if (receiver instanceof GoStruct && receiver.hasField(name)) {
    return { kind: "value", value: toGoValue(receiver.field(name)), isKey: false };
  }
  if (receiver instanceof GoMap) {
    const found = receiver.entries.get(name);
    if (found !== undefined || receiver.entries.has(name))
      return { kind: "value", value: toGoValue(found), isKey: true };
    return { kind: "value", value: missingKey === "zero" ? receiver.zero : undefined, isKey: true };
  }
  return { kind: "fault", message: `can't evaluate field ${name} in type ${typeName}` };
}
