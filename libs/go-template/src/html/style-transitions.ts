import { quoteGo } from "../fmt/quote.ts";
import { faultContext, type HtmlContext } from "./context.ts";
import { inUrl, skipSpace, type Transition } from "./tag-transitions.ts";

/** A piece of a style sheet with its escapes decoded. */
export function decodeCss(text: string): string {
  return text.replace(/\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[\t\n\f\r ])?|([^]|$))/gu, (_, hex, char) => {
    if (typeof hex !== "string") return String(char ?? "");
    const point = Number.parseInt(hex, 16);
    if (point <= 0x10ffff) return String.fromCodePoint(point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
    // Six digits may say more than there are characters; the last then stands for itself.
    return String.fromCodePoint(point >> 4) + hex.slice(-1);
  });
}

/** A style sheet or the value of a style attribute. */
export function inStyle(context: HtmlContext, text: string): Transition {
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') return [{ ...context, state: "CSSDqStr" }, i + 1];
    if (char === "'") return [{ ...context, state: "CSSSqStr" }, i + 1];
    if (char === "/" && text[i + 1] === "/") return [{ ...context, state: "CSSLineCmt" }, i + 2];
    if (char === "/" && text[i + 1] === "*") return [{ ...context, state: "CSSBlockCmt" }, i + 2];
    if (char === "(" && /(?:^|[^a-zA-Z0-9\-_\u0080-\uffff])url[\t\n\f\r ]*$/i.test(text.slice(0, i))) {
      const at = skipSpace(text, i + 1);
      if (text[at] === '"') return [{ ...context, state: "CSSDqURL" }, at + 1];
      if (text[at] === "'") return [{ ...context, state: "CSSSqURL" }, at + 1];
      return [{ ...context, state: "CSSURL" }, at];
    }
  }
  return [context, text.length];
}

/** A string or URL of a style sheet. */
export function inStyleString(start: HtmlContext, text: string): Transition {
  let context = start;
  const ends = { CSSDqStr: '"', CSSDqURL: '"', CSSSqStr: "'", CSSSqURL: "'" } as const;
  const { state } = context;
  const end =
    state === "CSSDqStr" || state === "CSSDqURL" || state === "CSSSqStr" || state === "CSSSqURL"
      ? ends[state]
      : "\t\n\f\r )";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "\\") {
      if (++i === text.length) {
        return [faultContext(`unfinished escape sequence in CSS string: ${quoteGo(text)}`), text.length];
      }
      context = inUrl(context, decodeCss(text.slice(0, i + 1)))[0];
      from = i + 1;
    } else if (end.includes(char)) return [{ ...context, state: "CSS" }, i + 1];
  }
  return [inUrl(context, decodeCss(text.slice(from)))[0], text.length];
}
