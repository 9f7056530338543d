import { isPrintable } from "../fmt/printable.ts";
import { bytesOfString, invalidByteOf } from "../value/go-string.ts";

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

/** Text for HTML, as Go's `template.HTMLEscapeString`. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML[char] ?? char);
}

const JS: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
};

function hex4(code: number): string {
  return `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Text for the inside of a JavaScript string, as Go's `template.JSEscapeString`. */
export function escapeJs(text: string): string {
  let out = "";
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    const isSpecial = point < 0x20 || (point >= 0x80 && !isPrintable(point) && invalidByteOf(point) === undefined);
    if (isSpecial) out += hex4(point);
    else out += JS[char] ?? char;
  }
  return out;
}

/** Text for the query of a URL, as Go's `url.QueryEscape`: a space becomes `+`. */
export function escapeQuery(text: string): string {
  let out = "";
  for (const byte of bytesOfString(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(char)) out += char;
    else out += char === " " ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}
