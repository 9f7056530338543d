import { type HtmlContext, isComment, isInScriptLiteral } from "./context.ts";
import { contextAfterText } from "./transitions.ts";

/** What a literal text becomes, and the context after it. */
export interface EscapedText {
  readonly text: string;
  readonly context: HtmlContext;
}

/** Where literal text gives way to a tag or the like: the last `<` of a part after which the state is another. */
function textEnd(text: string, from: number, to: number, isSame: boolean): number {
  if (isSame) return to;
  const open = text.slice(from, to).lastIndexOf("<");
  return open < 0 ? to : from + open;
}

function commentPlaceholder(context: HtmlContext, comment: string): string {
  if (context.state === "CSSBlockCmt") return " ";
  if (context.state !== "JSBlockCmt") return "";
  return /[\n\r\u2028\u2029]/.test(comment) ? "\n" : " ";
}

function openingLength(context: HtmlContext): number {
  if (context.state === "HTMLCmt" || context.state === "JSHTMLOpenCmt") return 4;
  return context.state === "JSHTMLCloseCmt" ? 3 : 2;
}

/**
 * Follows a literal text of a template. Stray `<` in text become `&lt;`, comments go, and what would end or open a
 * script within its literals is escaped.
 */
export function escapeLiteralText(start: HtmlContext, text: string): EscapedText {
  let context = start;
  let out = "";
  let written = 0;
  for (let at = 0; at < text.length; ) {
    const [next, length] = contextAfterText(context, text.slice(at));
    const end = at + length;
    if (context.state === "Text" || context.state === "RCDATA") {
      const limit = textEnd(text, at, end, next.state === context.state);
      for (let i = text.indexOf("<", at); i >= 0 && i < limit; i = text.indexOf("<", i + 1)) {
        if (text.slice(i, i + 9).toUpperCase() === "<!DOCTYPE") continue;
        out += `${text.slice(written, i)}&lt;`;
        written = i + 1;
      }
    } else if (isComment(context.state) && context.delimiter === "None") {
      out += commentPlaceholder(context, text.slice(written, end));
      written = end;
    }
    if (next.state !== context.state && isComment(next.state) && next.delimiter === "None") {
      out += text.slice(written, end - openingLength(next));
      written = end;
    }
    const part = text.slice(at, end);
    if (isInScriptLiteral(context.state) && /<(?:script|\/script|!--)/i.test(part)) {
      out += text.slice(written, at) + part.replace(/<(script|\/script|!--)/gi, "\\x3C$1");
      written = end;
    }
    if (length === 0 && next.state === context.state) break;
    context = next;
    at = end;
  }
  if (written === 0 && out === "") return { text, context };
  const isOmitted = isComment(context.state) && context.delimiter === "None";
  return { text: isOmitted ? out : out + text.slice(written), context };
}
