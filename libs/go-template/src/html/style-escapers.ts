import type { EscapeInput } from "./stringify.ts";
import { decodeCss } from "./style-transitions.ts";
import { FILTERED } from "./text-escapers.ts";

/** A value in a string of a style sheet. */
export function cssEscaper({ text }: EscapeInput): string {
  return text.replace(/[\0\t\n\f\r"&'()+/:;<>\\{}]/g, (char, at: number) => {
    if (char === "\\") return "\\\\";
    const next = text[at + 1];
    const needsSpace = next === undefined || /[0-9a-fA-F\t\n\f\r ]/.test(next);
    return `\\${char.charCodeAt(0).toString(16)}${needsSpace ? " " : ""}`;
  });
}

/** A value in a style sheet: words, numbers and colours only. */
export function cssValueFilter({ text, kind }: EscapeInput): string {
  if (kind === "css") return text;
  const decoded = decodeCss(text);
  if (/[\0"'()/;@[\\\]`{}<>]|--/.test(decoded)) return FILTERED;
  const name = decoded.replace(/[^a-zA-Z0-9\-_]/g, "").toLowerCase();
  return name.includes("expression") || name.includes("mozbinding") ? FILTERED : decoded;
}
