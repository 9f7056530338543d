import { quoteGo } from "../fmt/quote.ts";
import { faultContext, type HtmlContext, type HtmlState, type JsContext } from "./context.ts";
import type { Transition } from "./tag-transitions.ts";

const KEYWORDS =
  /(?<![A-Za-z0-9_$])(?:break|case|continue|delete|do|else|finally|in|instanceof|return|throw|try|typeof|void)$/;

/** Whether a slash after this script starts a regular expression or divides. */
export function nextJsContext(script: string, preceding: JsContext): JsContext {
  const text = script.trimEnd();
  if (text === "") return preceding;
  const signs = /(\++|-+)$/.exec(text)?.[0];
  if (signs !== undefined) return signs.length % 2 === 1 ? "Regexp" : "DivOp";
  if (text.endsWith(".")) return /[0-9]\.$/.test(text) ? "DivOp" : "Regexp";
  if (/[,<>=*%&|^?!~([:;{}]$/.test(text)) return "Regexp";
  return KEYWORDS.test(text) ? "Regexp" : "DivOp";
}

function withBrace(context: HtmlContext, change: 1 | -1): HtmlContext {
  const depth = [...context.jsBraceDepth];
  depth.push((depth.pop() ?? 0) + change);
  return { ...context, jsBraceDepth: depth };
}

function brace(context: HtmlContext, char: string): HtmlContext {
  const after = nextJsContext(char, context.jsContext);
  if (context.jsBraceDepth.length === 0) return { ...context, jsContext: after };
  if (char === "{") return { ...withBrace(context, 1), jsContext: after };
  const closed = withBrace(context, -1);
  if ((closed.jsBraceDepth.at(-1) ?? 0) >= 0) return { ...closed, jsContext: after };
  return { ...context, jsBraceDepth: context.jsBraceDepth.slice(0, -1), state: "JSTmplLit" };
}

function slash(context: HtmlContext, text: string, at: number): Transition {
  if (text[at + 1] === "/") return [{ ...context, state: "JSLineCmt" }, at + 2];
  if (text[at + 1] === "*") return [{ ...context, state: "JSBlockCmt" }, at + 2];
  if (context.jsContext === "Regexp") return [{ ...context, state: "JSRegexp" }, at + 1];
  if (context.jsContext === "DivOp") return [{ ...context, jsContext: "Regexp" }, at + 1];
  const shown = quoteGo(Array.from(text.slice(at)).slice(0, 32).join(""));
  return [faultContext(`'/' could start a division or regexp: ${shown}`), text.length];
}

const STRING_STATES: Readonly<Record<string, HtmlState>> = { '"': "JSDqStr", "'": "JSSqStr", "`": "JSTmplLit" };

/** Script code. */
export function inScript(start: HtmlContext, text: string): Transition {
  const at = text.search(/["`'/{}<\-#]/);
  const context = { ...start, jsContext: nextJsContext(at < 0 ? text : text.slice(0, at), start.jsContext) };
  if (at < 0) return [context, text.length];
  const char = text.charAt(at);
  const string = STRING_STATES[char];
  if (string !== undefined) return [{ ...context, state: string, jsContext: "Regexp" }, at + 1];
  if (char === "/") return slash(context, text, at);
  if (char === "{" || char === "}") return [brace(context, char), at + 1];
  if (text.startsWith("<!--", at)) return [{ ...context, state: "JSHTMLOpenCmt" }, at + 4];
  if (text.startsWith("-->", at)) return [{ ...context, state: "JSHTMLCloseCmt" }, at + 3];
  if (text.startsWith("#!", at)) return [{ ...context, state: "JSLineCmt" }, at + 2];
  return [context, at + 1];
}

function unfinishedEscape(text: string): Transition {
  return [faultContext(`unfinished escape sequence in JS string: ${quoteGo(text)}`), text.length];
}

/** A JavaScript template literal. */
export function inScriptTemplate(context: HtmlContext, text: string): Transition {
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "`") return [{ ...context, state: "JS" }, i + 1];
    if (char === "\\" && ++i === text.length) return unfinishedEscape(text);
    if (char === "$" && text[i + 1] === "{") {
      return [{ ...context, state: "JS", jsBraceDepth: [...context.jsBraceDepth, 0] }, i + 2];
    }
  }
  return [context, text.length];
}

/** A JavaScript string or regular expression. */
export function inScriptLiteral(context: HtmlContext, text: string): Transition {
  const isRegexp = context.state === "JSRegexp";
  const quote = context.state === "JSSqStr" ? "'" : '"';
  const end = isRegexp ? "/" : quote;
  let isInSet = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\\") {
      if (++i === text.length) return unfinishedEscape(text);
    } else if (isRegexp && char === "[") isInSet = true;
    else if (isRegexp && char === "]") isInSet = false;
    else if (char === end) {
      const isEndTag = isRegexp && i > 0 && text.slice(i - 1, i + 7).toLowerCase() === "</script";
      if (isEndTag) i++;
      else if (!isInSet) return [{ ...context, state: "JS", jsContext: "DivOp" }, i + 1];
    }
  }
  if (isInSet) return [faultContext(`unfinished JS regexp charset: ${quoteGo(text)}`), text.length];
  return [context, text.length];
}

/** A comment between slash and asterisk, of scripts and style sheets. */
export function inBlockComment(context: HtmlContext, text: string): Transition {
  const end = text.indexOf("*/");
  if (end < 0) return [context, text.length];
  return [{ ...context, state: context.state === "CSSBlockCmt" ? "CSS" : "JS" }, end + 2];
}

/** A comment up to the end of the line, which is not part of it. */
export function inLineComment(context: HtmlContext, text: string): Transition {
  const isCss = context.state === "CSSLineCmt";
  const end = text.search(isCss ? /[\n\f\r]/ : /[\n\r\u2028\u2029]/);
  return end < 0 ? [context, text.length] : [{ ...context, state: isCss ? "CSS" : "JS" }, end];
}
