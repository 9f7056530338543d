import { compareUtf8 } from "@monotreme/model";
import { GoFunction } from "../value/go-function.ts";
import { GoMap, GoObject, GoSlice, GoStruct } from "../value/go-object.ts";
import { GoInteger } from "../value/go-scalars.ts";
import type { GoValue } from "../value/go-value.ts";
import { integerOf, kindOf, stringOf, typeNameOf } from "../value/kind.ts";
import { toGoValue } from "../value/to-go-value.ts";
import { type FormatFlags, pad, PLAIN_FLAGS, truncate } from "./flags.ts";
import {
  formatFloatVerb,
  formatHexString,
  formatInteger,
  formatQuoted,
  formatQuotedRune,
  formatRune,
  formatUnicode,
} from "./format-scalar.ts";

/** Bounds the text that a format makes. */
export interface LengthCheck {
  checkLength(length: number): void;
}

const MAX_DEPTH = 100;

/** Formats values for one verb at a time, into one text that may not grow without bound. */
export class ValuePrinter {
  readonly #check: LengthCheck;
  #text = "";
  #isErroring = false;

  constructor(check: LengthCheck) {
    this.#check = check;
  }

  text(): string {
    return this.#text;
  }

  write(text: string): void {
    this.#text += text;
    this.#check.checkLength(this.#text.length);
  }

  /** Prints an argument of a format. */
  argument(value: GoValue, verb: string, flags: FormatFlags): void {
    if (value === undefined || value === null) {
      if (verb === "T" || verb === "v") this.write(pad("<nil>", flags));
      else this.#badVerb(value, verb, flags);
    } else if (verb === "T") {
      this.write(pad(truncate(typeNameOf(value), flags), flags));
    } else if (verb === "p") {
      this.#badVerb(value, verb, flags);
    } else {
      this.value(value, verb, flags, 0);
    }
  }

  value(value: GoValue, verb: string, flags: FormatFlags, depth: number): void {
    if (depth > MAX_DEPTH) return this.write("...");
    if (this.#printText(value, verb, flags)) return;
    const text = stringOf(value);
    if (text !== undefined) return this.#string(value, text, verb, flags);
    const integer = integerOf(value);
    if (integer !== undefined) return this.#integer(value, integer, verb, flags);
    if (typeof value === "boolean") return this.#bool(value, verb, flags);
    if (typeof value === "number") return this.#float(value, verb, flags);
    if (value instanceof GoSlice) return this.#slice(value, verb, flags, depth);
    if (value instanceof GoMap) return this.#map(value, verb, flags, depth);
    if (value instanceof GoStruct) return this.#struct(value, verb, flags, depth);
    if (value instanceof GoFunction || value instanceof GoObject) return this.write(typeNameOf(value));
    this.write(value === null && flags.sharpV ? "interface {}(nil)" : "<nil>");
  }

  /** Go's `String` method, which the verbs for strings use. */
  #printText(value: GoValue, verb: string, flags: FormatFlags): boolean {
    if (this.#isErroring || flags.sharpV || !"vsxXq".includes(verb) || typeof value !== "object") return false;
    const hasText =
      value instanceof GoSlice || value instanceof GoMap || value instanceof GoStruct || value instanceof GoObject;
    const text = hasText ? value.toText?.() : undefined;
    if (text === undefined) return false;
    this.#string(value, text, verb, flags);
    return true;
  }

  #badVerb(value: GoValue, verb: string, flags: FormatFlags): void {
    if (value === undefined || value === null) return this.write(`%!${verb}(<nil>)`);
    this.#isErroring = true;
    this.write(`%!${verb}(${typeNameOf(value)}=`);
    this.value(value, "v", flags, 0);
    this.write(")");
    this.#isErroring = false;
  }

  #bool(value: boolean, verb: string, flags: FormatFlags): void {
    if (verb === "t" || verb === "v") this.write(pad(String(value), flags));
    else this.#badVerb(value, verb, flags);
  }

  #string(value: GoValue, text: string, verb: string, flags: FormatFlags): void {
    if (verb === "q" || (verb === "v" && flags.sharpV)) this.write(formatQuoted(text, flags));
    else if (verb === "v" || verb === "s") this.write(pad(truncate(text, flags), flags));
    else if (verb === "x" || verb === "X") this.write(formatHexString(text, flags, verb === "X"));
    else this.#badVerb(value, verb, flags);
  }

  #integer(value: GoValue, integer: bigint, verb: string, flags: FormatFlags): void {
    switch (verb) {
      case "v": {
        const isHex = flags.sharpV && value instanceof GoInteger && kindOf(value) === "uint";
        const shown = isHex ? { ...flags, sharp: true } : flags;
        return this.write(formatInteger(integer, isHex ? 16 : 10, shown, verb));
      }
      case "d":
        return this.write(formatInteger(integer, 10, flags, verb));
      case "b":
        return this.write(formatInteger(integer, 2, flags, verb));
      case "o":
      case "O":
        return this.write(formatInteger(integer, 8, flags, verb));
      case "x":
      case "X":
        return this.write(formatInteger(integer, 16, flags, verb));
      case "c":
        return this.write(formatRune(integer, flags));
      case "q":
        return this.write(formatQuotedRune(integer, flags));
      case "U":
        return this.write(formatUnicode(integer, flags));
      default:
        return this.#badVerb(value, verb, flags);
    }
  }

  #float(value: number, verb: string, flags: FormatFlags): void {
    switch (verb) {
      case "v":
        return this.write(formatFloatVerb(value, "g", -1, flags));
      case "b":
      case "g":
      case "G":
      case "x":
      case "X":
        return this.write(formatFloatVerb(value, verb, -1, flags));
      case "e":
      case "E":
      case "f":
        return this.write(formatFloatVerb(value, verb, 6, flags));
      case "F":
        return this.write(formatFloatVerb(value, "f", 6, flags));
      default:
        return this.#badVerb(value, verb, flags);
    }
  }

  #slice(value: GoSlice, verb: string, flags: FormatFlags, depth: number): void {
    this.write(flags.sharpV ? `${value.typeName}{` : "[");
    for (const [i, item] of value.items.entries()) {
      if (i > 0) this.write(flags.sharpV ? ", " : " ");
      this.value(toGoValue(item), verb, flags, depth + 1);
    }
    this.write(flags.sharpV ? "}" : "]");
  }

  #map(value: GoMap, verb: string, flags: FormatFlags, depth: number): void {
    this.write(flags.sharpV ? `${value.typeName}{` : "map[");
    for (const [i, key] of [...value.entries.keys()].sort(compareUtf8).entries()) {
      if (i > 0) this.write(flags.sharpV ? ", " : " ");
      this.value(key, verb, flags, depth + 1);
      this.write(":");
      this.value(toGoValue(value.entries.get(key)), verb, flags, depth + 1);
    }
    this.write(flags.sharpV ? "}" : "]");
  }

  #struct(value: GoStruct, verb: string, flags: FormatFlags, depth: number): void {
    this.write(flags.sharpV ? `${value.typeName.replace(/^\*/, "")}{` : "{");
    for (const [i, name] of value.fieldNames.entries()) {
      if (i > 0) this.write(flags.sharpV ? ", " : " ");
      if (flags.plusV || flags.sharpV) this.write(`${name}:`);
      this.value(toGoValue(value.field(name)), verb, flags, depth + 1);
    }
    this.write("}");
  }
}

/** The value with `%v` and no flags. */
export function printPlain(value: GoValue, check: LengthCheck): string {
  if (typeof value === "string") return value;
  const printer = new ValuePrinter(check);
  printer.argument(value, "v", PLAIN_FLAGS);
  return printer.text();
}
