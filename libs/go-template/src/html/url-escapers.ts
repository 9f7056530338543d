import { bytesOfString } from "../value/go-string.ts";
import type { EscapeInput } from "./stringify.ts";
import { FILTERED } from "./text-escapers.ts";

const RESERVED = "!#$&*+,/:;=?@[]";

function percentEncode(text: string, isNormal: boolean): string {
  const bytes = bytesOfString(text);
  let out = "";
  for (const [i, byte] of bytes.entries()) {
    const char = String.fromCharCode(byte);
    const isEscape = char === "%" && /^[0-9a-fA-F]{2}$/.test(String.fromCharCode(bytes[i + 1] ?? 0, bytes[i + 2] ?? 0));
    const isKept = /[-._~A-Za-z0-9]/.test(char) || (isNormal && (isEscape || RESERVED.includes(char)));
    out += isKept ? char : `%${byte.toString(16).padStart(2, "0")}`;
  }
  return out;
}

function isSafeUrl(url: string): boolean {
  const colon = url.indexOf(":");
  if (colon < 0 || url.slice(0, colon).includes("/")) return true;
  return /^(?:https?|mailto)$/i.test(url.slice(0, colon));
}

/** A whole URL: only http, https, mailto and relative ones pass. */
export function urlFilter({ text, kind }: EscapeInput): string {
  return kind === "url" || isSafeUrl(text) ? text : `#${FILTERED}`;
}

/** Part of a query, where nothing may end it. */
export function urlEscaper({ text, kind }: EscapeInput): string {
  return percentEncode(text, kind === "url");
}

/** A URL or part of its path, whose own structure stays. */
export function urlNormalizer({ text }: EscapeInput): string {
  return percentEncode(text, true);
}

function filterSource(source: string): string {
  const parts = /^([\t\n\f\r ]*)([^\t\n\f\r ]*)([^]*)$/.exec(source);
  const [, space = "", url = "", rest = ""] = parts ?? [];
  if (!isSafeUrl(url) || !/^[\t\n\f\r A-Za-z0-9]*$/.test(rest)) return `#${FILTERED}`;
  return space + percentEncode(url, true) + rest;
}

/** The value of `srcset`: URLs with sizes, between commas. */
export function srcsetEscaper({ text, kind }: EscapeInput): string {
  if (kind === "srcset") return text;
  if (kind === "url") return percentEncode(text, true).replaceAll(",", "%2c");
  return text.split(",").map(filterSource).join(",");
}
