import { TemplateFunctionError } from "../template-error.ts";
import { byteLengthOf, bytesOfString, stringOfBytes } from "../value/go-string.ts";
import { GoMap, GoSlice } from "../value/go-object.ts";
import { GoInteger } from "../value/go-scalars.ts";
import type { GoValue } from "../value/go-value.ts";
import { integerOf, stringOf, typeNameOf } from "../value/kind.ts";
import { toGoValue } from "../value/to-go-value.ts";

/** Go's `len`: bytes of a string, items of a slice, keys of a map. */
export function lengthOf(value: GoValue): bigint {
  const text = stringOf(value);
  if (text !== undefined) return BigInt(byteLengthOf(text));
  if (value instanceof GoSlice) return BigInt(value.items.length);
  if (value instanceof GoMap) return BigInt(value.entries.size);
  if (value === undefined) throw new TemplateFunctionError("reflect: call of reflect.Value.Type on zero Value");
  if (value === null) throw new TemplateFunctionError("len of nil pointer");
  throw new TemplateFunctionError(`len of type ${typeNameOf(value)}`);
}

function indexArgument(index: GoValue, limit: number): number {
  if (index === undefined || index === null) throw new TemplateFunctionError("cannot index slice/array with nil");
  const integer = integerOf(index);
  if (integer === undefined) {
    throw new TemplateFunctionError(`cannot index slice/array with type ${typeNameOf(index)}`);
  }
  if (integer < 0n || integer > BigInt(limit)) throw new TemplateFunctionError(`index out of range: ${integer}`);
  return Number(integer);
}

/** An index that passed `indexArgument` may still be one past the end, where Go's reflect panics. */
function checkBounds(index: number, length: number, what: string): void {
  if (index >= length) throw new TemplateFunctionError(`reflect: ${what} index out of range`);
}

function indexOnce(item: GoValue, index: GoValue): GoValue {
  const text = stringOf(item);
  if (text !== undefined) {
    const bytes = bytesOfString(text);
    const at = indexArgument(index, bytes.length);
    checkBounds(at, bytes.length, "string");
    return new GoInteger("uint8", BigInt(bytes[at] ?? 0));
  }
  if (item instanceof GoSlice) {
    const at = indexArgument(index, item.items.length);
    checkBounds(at, item.items.length, "slice");
    return toGoValue(item.items[at]);
  }
  if (item instanceof GoMap)
    return item.entries.has(mapKey(index)) ? toGoValue(item.entries.get(mapKey(index))) : item.zero;
  if (item === null || item === undefined) throw new TemplateFunctionError("index of nil pointer");
  throw new TemplateFunctionError(`can't index item of type ${typeNameOf(item)}`);
}

function mapKey(index: GoValue): string {
  if (index === undefined || index === null) {
    throw new TemplateFunctionError("value is nil; should be of type string");
  }
  if (typeof index === "string") return index;
  throw new TemplateFunctionError(`value has type ${typeNameOf(index)}; should be string`);
}

/** Go's `index`: `index x 1 2` is x[1][2]. */
export function indexInto(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === undefined || item === null) throw new TemplateFunctionError("index of untyped nil");
  return indexes.reduce(indexOnce, item);
}

/** Go's `slice`: `slice x 1 2` is x[1:2]; strings are cut between bytes. */
export function sliceOf(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === undefined || item === null) throw new TemplateFunctionError("slice of untyped nil");
  if (indexes.length > 3) throw new TemplateFunctionError(`too many slice indexes: ${indexes.length}`);
  const text = stringOf(item);
  const bytes = text === undefined ? undefined : bytesOfString(text);
  if (bytes !== undefined && indexes.length === 3) throw new TemplateFunctionError("cannot 3-index slice a string");
  if (bytes === undefined && !(item instanceof GoSlice)) {
    throw new TemplateFunctionError(`can't slice item of type ${typeNameOf(item)}`);
  }
  const length = bytes?.length ?? (item instanceof GoSlice ? item.items.length : 0);
  const [from = 0, to = length, limit = length] = indexes.map((index) => indexArgument(index, length));
  if (from > to) throw new TemplateFunctionError(`invalid slice index: ${from} > ${to}`);
  if (to > limit) throw new TemplateFunctionError(`invalid slice index: ${to} > ${limit}`);
  if (bytes !== undefined) return stringOfBytes(bytes.subarray(from, to));
  return item instanceof GoSlice ? new GoSlice(item.items.slice(from, to), item) : undefined;
}
