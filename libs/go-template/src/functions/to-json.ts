import { compareUtf8 } from "@monotreme/model";
import { formatGoFloat } from "../fmt/float.ts";
import { TemplateFunctionError } from "../template-error.ts";
import { GoDuration } from "../time/go-duration.ts";
import { GoTime } from "../time/go-time.ts";
import { GoMap, GoSlice, GoStruct } from "../value/go-object.ts";
import type { GoValue } from "../value/go-value.ts";
import { integerOf, stringOf, typeNameOf } from "../value/kind.ts";
import { toGoValue } from "../value/to-go-value.ts";

const MAX_DEPTH = 200;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

function escapeChar(char: string): string {
  return ESCAPES[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}

/** A string as Go's `json.Marshal` writes it: `<`, `>`, `&` and the line separators escaped as well. */
export function jsonString(text: string): string {
  const escaped = text.replace(/["\\<>&\u2028\u2029\ud800-\udfff]|\p{Cc}/gu, (char) => {
    if (char >= "\u007f" && char <= "\u009f") return char;
    return char >= "\ud800" && char <= "\udfff" ? "\\ufffd" : escapeChar(char);
  });
  return `"${escaped}"`;
}

/** A float64 as Go's `json.Marshal` writes it. */
export function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new TemplateFunctionError(`json: unsupported value: ${formatGoFloat(value, "g", -1)}`);
  }
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21)) {
    return formatGoFloat(value, "e", -1).replace(/e-0(\d)$/, "e-$1");
  }
  return formatGoFloat(value, "f", -1);
}

/** Writes values as JSON into a text that may not grow without bound. */
class JsonWriter {
  readonly #checkLength: (length: number) => void;
  #text = "";

  constructor(checkLength: (length: number) => void) {
    this.#checkLength = checkLength;
  }

  text(): string {
    return this.#text;
  }

  #write(text: string): void {
    this.#text += text;
    this.#checkLength(this.#text.length);
  }

  value(value: GoValue, depth: number): void {
    if (depth > MAX_DEPTH) throw new TemplateFunctionError("json: the value is nested too deeply");
    if (value === undefined || value === null) return this.#write("null");
    if (typeof value === "boolean") return this.#write(String(value));
    if (typeof value === "number") return this.#write(jsonNumber(value));
    const text = stringOf(value);
    if (text !== undefined) return this.#write(jsonString(text));
    if (value instanceof GoTime) return this.#write(`"${value.format("2006-01-02T15:04:05.999999999Z07:00")}"`);
    if (value instanceof GoDuration) return this.#write(value.nanoseconds.toString());
    const integer = integerOf(value);
    if (integer !== undefined) return this.#write(integer.toString());
    if (value instanceof GoSlice) return this.#list(value, depth);
    if (value instanceof GoMap) return this.#map(value, depth);
    if (value instanceof GoStruct) return this.#struct(value, depth);
    throw new TemplateFunctionError(`json: unsupported type: ${typeNameOf(value)}`);
  }

  #list(value: GoSlice, depth: number): void {
    this.#write("[");
    for (const [i, item] of value.items.entries()) {
      if (i > 0) this.#write(",");
      this.value(toGoValue(item), depth + 1);
    }
    this.#write("]");
  }

  #map(value: GoMap, depth: number): void {
    const keys = [...value.entries.keys()].sort(compareUtf8);
    this.#members(
      keys.map((key) => [key, toGoValue(value.entries.get(key))]),
      depth,
    );
  }

  #struct(value: GoStruct, depth: number): void {
    this.#members(
      value.fieldNames.map((name) => [value.jsonNames[name] ?? name, toGoValue(value.field(name))]),
      depth,
    );
  }

  #members(members: readonly (readonly [string, GoValue])[], depth: number): void {
    this.#write("{");
    for (const [i, [name, value]] of members.entries()) {
      this.#write(`${i > 0 ? "," : ""}${jsonString(name)}:`);
      this.value(value, depth + 1);
    }
    this.#write("}");
  }
}

/** A value as Go's `json.Marshal` writes it; throws TemplateFunctionError for what JSON cannot hold. */
export function toJson(value: GoValue, checkLength: (length: number) => void): string {
  const writer = new JsonWriter(checkLength);
  writer.value(value, 0);
  return writer.text();
}
