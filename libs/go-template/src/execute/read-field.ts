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
  | {
      readonly kind: "value";
      readonly value: GoValue;
      readonly isKey: boolean;
      /** Whether Go knows it as an `interface {}`, which is how errors then call its type. */
      readonly isInterface: boolean;
    }
  | { readonly kind: "fault"; readonly message: string };

function methodOf(receiver: GoValue, name: string): GoFunction | undefined {
  const hasMethods =
    receiver instanceof GoStruct ||
    receiver instanceof GoMap ||
    receiver instanceof GoSlice ||
    receiver instanceof GoObject;
  return hasMethods && Object.hasOwn(receiver.methods, name) ? receiver.methods[name] : undefined;
}

function found(value: GoValue, isKey: boolean, isInterface: boolean): FieldResult {
  return { kind: "value", value, isKey, isInterface };
}

/**
 * Looks a name up as Go's templates do: methods first, then fields of structs and keys of maps. `isInterface` says
 * that the receiver itself came out of an `interface {}`.
 */
export function readField(receiver: GoValue, name: string, missingKey: MissingKey, isInterface: boolean): FieldResult {
  if (receiver === undefined) return found(undefined, false, false);
  const typeName = isInterface ? "interface {}" : typeNameOf(receiver);
  if (receiver === null) return { kind: "fault", message: `nil pointer evaluating ${typeName}.${name}` };
  const method = methodOf(receiver, name);
  if (method !== undefined) return { kind: "method", method };
  if (receiver instanceof GoStruct && receiver.hasField(name)) {
    return found(toGoValue(receiver.field(name)), false, false);
  }
  if (receiver instanceof GoMap) {
    const holdsInterfaces = receiver.zero === null;
    if (receiver.entries.has(name)) return found(toGoValue(receiver.entries.get(name)), true, holdsInterfaces);
    return found(missingKey === "zero" ? receiver.zero : undefined, true, holdsInterfaces);
  }
  return { kind: "fault", message: `can't evaluate field ${name} in type ${typeName}` };
}
