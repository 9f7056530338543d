import { compareUtf8 } from "@monotreme/model";
import { sprintf } from "../fmt/sprintf.ts";
import { TemplateFunctionError } from "../template-error.ts";
import { GoObject } from "../value/go-object.ts";
import type { GoValue } from "../value/go-value.ts";
import { integerOf, type Kind, kindOf, stringOf, typeNameOf } from "../value/kind.ts";

const BASIC: ReadonlySet<Kind> = new Set<Kind>(["bool", "int", "uint", "float", "string"]);

function incompatible(a: GoValue, b: GoValue): never {
  throw new TemplateFunctionError(`incompatible types for comparison: ${typeNameOf(a)} and ${typeNameOf(b)}`);
}

const MAX_SHOWN = 10_000;

/** A value within an error message. */
function shown(value: GoValue): string {
  return sprintf("%s", [value], {
    checkLength: (length) => {
      if (length > MAX_SHOWN) throw new TemplateFunctionError("non-comparable values");
    },
  });
}

function isNilValue(value: GoValue): boolean {
  return value === undefined || value === null;
}

function isComparable(kind: Kind): boolean {
  return kind !== "slice" && kind !== "map" && kind !== "func";
}

function isEqualOther(a: GoValue, b: GoValue): boolean {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (isNilValue(a) || isNilValue(b)) return isNilValue(a) && isNilValue(b);
  if (kindA !== kindB) {
    throw new TemplateFunctionError(
      `non-comparable types ${shown(a)}: ${typeNameOf(a)}, ${typeNameOf(b)}: ${shown(b)}`,
    );
  }
  if (!isComparable(kindB)) throw new TemplateFunctionError(`non-comparable type ${shown(a)}: ${typeNameOf(b)}`);
  return a instanceof GoObject && b instanceof GoObject ? a.equals(b) : a === b;
}

/** Go's template `eq` of two values: integers of all kinds compare, other kinds only with their own. */
export function isEqual(a: GoValue, b: GoValue): boolean {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  const [basicA, basicB] = [BASIC.has(kindA), BASIC.has(kindB)];
  const [intA, intB] = [integerOf(a), integerOf(b)];
  if (intA !== undefined && intB !== undefined) return intA === intB;
  if (!basicA && !basicB) return isEqualOther(a, b);
  if (kindA !== kindB) {
    if (isNilValue(a) || isNilValue(b)) return false;
    return incompatible(a, b);
  }
  if (kindA === "string") return stringOf(a) === stringOf(b);
  return a === b;
}

/** Go's template `lt`: numbers and strings only. */
export function isLess(a: GoValue, b: GoValue): boolean {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (!BASIC.has(kindA) || !BASIC.has(kindB)) throw new TemplateFunctionError("invalid type for comparison");
  const [intA, intB] = [integerOf(a), integerOf(b)];
  if (intA !== undefined && intB !== undefined) return intA < intB;
  if (kindA !== kindB) return incompatible(a, b);
  const [textA, textB] = [stringOf(a), stringOf(b)];
  if (textA !== undefined && textB !== undefined) return compareUtf8(textA, textB) < 0;
  if (typeof a === "number" && typeof b === "number") return a < b;
  throw new TemplateFunctionError("invalid type for comparison");
}
