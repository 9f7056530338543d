import { messageOf } from "@monotreme/errors";
import { sprint } from "../fmt/sprint.ts";
import { toJson } from "../functions/to-json.ts";
import { TemplateFunctionError } from "../template-error.ts";
import { GoTime } from "../time/go-time.ts";
import type { CallContext } from "../value/go-function.ts";
import { GoMap, GoObject, GoSlice, GoStruct } from "../value/go-object.ts";
import { SafeContent } from "../value/go-scalars.ts";
import type { GoValue } from "../value/go-value.ts";
import type { EscapeInput } from "./stringify.ts";

const SHORT: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function replaceIn(text: string, special: RegExp, plain: string): string {
  return text.replace(special, (char) => {
    const short = SHORT[char];
    if (short !== undefined) return short;
    return plain.includes(char) ? `\\${char}` : unicodeEscape(char);
  });
}

/** A value in a JavaScript string. */
export function jsStringEscaper({ text, kind }: EscapeInput): string {
  if (kind === "js-string") return replaceIn(text, /(?![\x7f-\x9f])\p{Cc}|["`&'+/<>\u2028\u2029]/gu, "/");
  return replaceIn(text, /(?![\x7f-\x9f])\p{Cc}|["`&'+/<>\\\u2028\u2029]/gu, "/\\");
}

/** A value in a JavaScript template literal. */
export function jsTemplateEscaper({ text }: EscapeInput): string {
  return replaceIn(text, /(?![\x7f-\x9f])\p{Cc}|["`&'+/<>\\${}\u2028\u2029]/gu, "/\\");
}

/** A value in a JavaScript regular expression; nothing at all would make it a comment. */
export function jsRegexpEscaper({ text }: EscapeInput): string {
  const escaped = replaceIn(text, /(?![\x7f-\x9f])\p{Cc}|["$&'()*+\-./<>?[\\\]^{|}\u2028\u2029]/gu, "$()*-./?[\\]^{|}");
  return escaped === "" ? "(?:)" : escaped;
}

/** What JSON is written of: values that have a text of their own are that text, except times. */
function plainOf(value: GoValue): GoValue {
  if (value instanceof GoTime) return value;
  const hasText =
    value instanceof GoObject || value instanceof GoStruct || value instanceof GoMap || value instanceof GoSlice;
  return (hasText ? value.toText?.() : undefined) ?? value;
}

/** A value in a script: JSON, with spaces around what might run into a keyword. */
export function jsValueEscaper(args: readonly GoValue[], context: CallContext): string {
  const [only] = args;
  if (args.length === 1 && only instanceof SafeContent) {
    if (only.safeKind === "js") return only.text;
    if (only.safeKind === "js-string") return `"${only.text}"`;
  }
  const value = args.length === 1 ? plainOf(only) : sprint(args, context);
  let json: string;
  try {
    json = toJson(value, (length) => context.checkLength(length));
  } catch (error) {
    if (!(error instanceof TemplateFunctionError)) throw error;
    const message = messageOf(error)
      .replace(/<(\/?)script/gi, "\\x3C$1script")
      .replaceAll("*/", "* /")
      .replaceAll("<!--", "\\x3C!--");
    return ` /* ${message} */null `;
  }
  return /^[$0-9A-Z_a-z]|[$0-9A-Z_a-z]$/.test(json) ? ` ${json} ` : json;
}
