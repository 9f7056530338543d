import { quoteGo } from "../fmt/quote.ts";
import { isJsType } from "./attribute-type.ts";
import { contextOf, type Delimiter, faultContext, type HtmlContext, type HtmlState } from "./context.ts";
import { inBlockComment, inLineComment, inScript, inScriptLiteral, inScriptTemplate } from "./script-transitions.ts";
import { inStyle, inStyleString } from "./style-transitions.ts";
import {
  afterAttributeName,
  beforeValue,
  inAttributeName,
  inHtmlComment,
  inMetaContent,
  inMetaContentUrl,
  inPlain,
  inTag,
  inText,
  inUrl,
  toSpecialTagEnd,
  type Transition,
} from "./tag-transitions.ts";

const TRANSITIONS: Readonly<Record<HtmlState, (context: HtmlContext, text: string) => Transition>> = {
  Text: inText,
  Tag: inTag,
  AttrName: inAttributeName,
  AfterName: afterAttributeName,
  BeforeValue: beforeValue,
  HTMLCmt: inHtmlComment,
  RCDATA: toSpecialTagEnd,
  Attr: inPlain,
  URL: inUrl,
  Srcset: inUrl,
  JS: inScript,
  JSDqStr: inScriptLiteral,
  JSSqStr: inScriptLiteral,
  JSTmplLit: inScriptTemplate,
  JSRegexp: inScriptLiteral,
  JSBlockCmt: inBlockComment,
  JSLineCmt: inLineComment,
  JSHTMLOpenCmt: inLineComment,
  JSHTMLCloseCmt: inLineComment,
  CSS: inStyle,
  CSSDqStr: inStyleString,
  CSSSqStr: inStyleString,
  CSSDqURL: inStyleString,
  CSSSqURL: inStyleString,
  CSSURL: inStyleString,
  CSSBlockCmt: inBlockComment,
  CSSLineCmt: inLineComment,
  MetaContent: inMetaContent,
  MetaContentURL: inMetaContentUrl,
  Error: inPlain,
  Dead: inPlain,
};

const DELIMITER_ENDS: Readonly<Record<Delimiter, RegExp>> = {
  None: /$^/,
  DoubleQuote: /"/,
  SingleQuote: /'/,
  SpaceOrTagEnd: /[ \t\n\f\r>]/,
};

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** The text of an attribute without the character references that matter to scripts and styles. */
export function unescapeHtml(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7});?|#[xX]([0-9a-fA-F]{1,6});?|(amp|lt|gt|quot|apos|nbsp);?)/g,
    (all, dec, hex, name) => {
      if (typeof name === "string") return ENTITIES[name] ?? all;
      const point = typeof dec === "string" ? Number(dec) : Number.parseInt(String(hex), 16);
      const isValid = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000);
      return String.fromCodePoint(isValid ? point : 0xfffd);
    },
  );
}

/** One step of the parser of the context's state. */
export function stepIn(state: HtmlState, context: HtmlContext, text: string): Transition {
  return TRANSITIONS[state](context, text);
}

/** Where the value of an attribute ends in a text, -1 where it does not. */
export function valueEnd(delimiter: Delimiter, text: string): number {
  return text.search(DELIMITER_ENDS[delimiter]);
}

/** The context after a first part of a text, and the length of that part. */
export function contextAfterText(context: HtmlContext, text: string): Transition {
  if (context.delimiter === "None") {
    const [ended, length] = toSpecialTagEnd(context, text);
    return length === 0 ? [ended, 0] : stepIn(context.state, context, text.slice(0, length));
  }
  return afterAttributeText(context, text);
}

function afterAttributeText(context: HtmlContext, text: string): Transition {
  const found = valueEnd(context.delimiter, text);
  const end = found < 0 ? text.length : found;
  if (context.delimiter === "SpaceOrTagEnd") {
    const bad = /["'<=`]/.exec(text.slice(0, end));
    if (bad !== null) {
      return [faultContext(`${quoteGo(bad[0])} in unquoted attr: ${quoteGo(text.slice(0, end))}`), text.length];
    }
  }
  if (found < 0) return [throughValue(context, unescapeHtml(text)), text.length];
  const isOtherScript =
    context.state === "Attr" &&
    context.element === "Script" &&
    context.attribute === "ScriptType" &&
    !isJsType(text.slice(0, end));
  const element = isOtherScript ? "None" : context.element;
  return [contextOf("Tag", { element }), context.delimiter === "SpaceOrTagEnd" ? end : end + 1];
}

function throughValue(start: HtmlContext, value: string): HtmlContext {
  let context = start;
  for (let rest = value; rest !== ""; ) {
    const [next, length] = stepIn(context.state, context, rest);
    if (length === 0 && next.state === context.state) break;
    context = next;
    rest = rest.slice(length);
  }
  return context;
}
