import { quoteGo } from "../fmt/quote.ts";
import { attributeOf } from "./attribute-type.ts";
import {
  attributeState,
  contextOf,
  type Delimiter,
  faultContext,
  type HtmlContext,
  type HtmlElement,
  type HtmlState,
  isComment,
  isInScriptLiteral,
  TEXT_CONTEXT,
} from "./context.ts";

/** The context after some of a text, and how much of it that is. */
export type Transition = readonly [HtmlContext, number];

const ELEMENTS: Readonly<Record<string, HtmlElement>> = {
  script: "Script",
  style: "Style",
  textarea: "Textarea",
  title: "Title",
  meta: "Meta",
};
const CONTENT: Readonly<Record<HtmlElement, HtmlState>> = {
  None: "Text",
  Script: "JS",
  Style: "CSS",
  Textarea: "RCDATA",
  Title: "RCDATA",
  Meta: "Text",
};
const TAG_NAME = /[A-Za-z](?:[A-Za-z0-9]|[:-](?=[A-Za-z0-9]))*/y;
const SPACE = /[ \t\n\f\r]*/y;

/** Where the white space from an index on ends. */
export function skipSpace(text: string, from: number): number {
  SPACE.lastIndex = from;
  return from + (SPACE.exec(text)?.[0].length ?? 0);
}

/** Text outside of tags. */
export function inText(context: HtmlContext, text: string): Transition {
  for (let from = 0; ; ) {
    const open = text.indexOf("<", from);
    if (open < 0 || open + 1 === text.length) return [context, text.length];
    if (text.startsWith("<!--", open)) return [contextOf("HTMLCmt"), open + 4];
    const isEnd = text[open + 1] === "/";
    const at = open + (isEnd ? 2 : 1);
    if (at === text.length) return [context, text.length];
    TAG_NAME.lastIndex = at;
    const name = TAG_NAME.exec(text)?.[0];
    if (name !== undefined) {
      const element = isEnd ? "None" : (ELEMENTS[name.toLowerCase()] ?? "None");
      return [contextOf("Tag", { element }), at + name.length];
    }
    from = at;
  }
}

function attributeNameEnd(text: string, from: number): number | HtmlContext {
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i);
    if (" \t\n\f\r=>".includes(char)) return i;
    if ("'\"<".includes(char)) {
      const shown = quoteGo(Array.from(text).slice(0, 32).join(""));
      return faultContext(`${quoteGo(char)} in attribute name: ${shown}`);
    }
  }
  return text.length;
}

/** Inside a tag, before an attribute or the end. */
export function inTag(context: HtmlContext, text: string): Transition {
  const start = skipSpace(text, 0);
  if (start === text.length) return [context, text.length];
  const { element } = context;
  if (text[start] === ">") {
    if (element === "Meta") return [TEXT_CONTEXT, start + 1];
    return [contextOf(CONTENT[element], { element }), start + 1];
  }
  const end = attributeNameEnd(text, start);
  if (typeof end !== "number") return [end, text.length];
  if (end === start) {
    const shown = quoteGo(text.slice(start));
    return [faultContext(`expected space, attr name, or end of tag, but got ${shown}`), text.length];
  }
  const attribute = attributeOf(element, text.slice(start, end).toLowerCase());
  return [contextOf(end === text.length ? "AttrName" : "AfterName", { element, attribute }), end];
}

/** Inside the name of an attribute. */
export function inAttributeName(context: HtmlContext, text: string): Transition {
  const end = attributeNameEnd(text, 0);
  if (typeof end !== "number") return [end, text.length];
  return [end === text.length ? context : { ...context, state: "AfterName" }, end];
}

/** After the name of an attribute. */
export function afterAttributeName(context: HtmlContext, text: string): Transition {
  const at = skipSpace(text, 0);
  if (at === text.length) return [context, at];
  if (text[at] !== "=") return [{ ...context, state: "Tag" }, at];
  return [{ ...context, state: "BeforeValue" }, at + 1];
}

/** After the equals sign of an attribute. */
export function beforeValue(context: HtmlContext, text: string): Transition {
  const at = skipSpace(text, 0);
  if (at === text.length) return [context, at];
  const quote = text[at];
  let delimiter: Delimiter = "SpaceOrTagEnd";
  if (quote === "'") delimiter = "SingleQuote";
  if (quote === '"') delimiter = "DoubleQuote";
  const state = attributeState(context.attribute);
  return [{ ...context, state, delimiter }, delimiter === "SpaceOrTagEnd" ? at : at + 1];
}

/** Inside an HTML comment. */
export function inHtmlComment(context: HtmlContext, text: string): Transition {
  const end = text.indexOf("-->");
  return end < 0 ? [context, text.length] : [TEXT_CONTEXT, end + 3];
}

/** Up to the end tag of an element whose content is no HTML; 0 read means that the text starts with it. */
export function toSpecialTagEnd(context: HtmlContext, text: string): Transition {
  const { element, state } = context;
  const isLiteral = element === "Script" && (isInScriptLiteral(state) || isComment(state));
  if (element === "None" || isLiteral) return [context, text.length];
  const name = element === "Meta" ? "" : element.toLowerCase();
  const end = new RegExp(`</${name}[> \t\n\f/]`, "i").exec(text);
  return end === null ? [context, text.length] : [TEXT_CONTEXT, end.index];
}

/** A plain attribute's value. */
export function inPlain(context: HtmlContext, text: string): Transition {
  return [context, text.length];
}

/** A URL: everything after `?` or `#` is its query. */
export function inUrl(context: HtmlContext, text: string): Transition {
  if (/[#?]/.test(text)) return [{ ...context, urlPart: "QueryOrFrag" }, text.length];
  const hasText = skipSpace(text, 0) !== text.length;
  return [hasText && context.urlPart === "None" ? { ...context, urlPart: "PreQuery" } : context, text.length];
}

/** The content of a meta element. */
export function inMetaContent(context: HtmlContext, text: string): Transition {
  const url = /url[ \t\n\f\r]*=/i.exec(text);
  if (url === null) return [context, text.length];
  return [{ ...context, state: "MetaContentURL" }, url.index + url[0].length];
}

/** The URL within the content of a meta element. */
export function inMetaContentUrl(context: HtmlContext, text: string): Transition {
  const end = text.indexOf(";");
  return end < 0 ? [context, text.length] : [{ ...context, state: "MetaContent" }, end + 1];
}
