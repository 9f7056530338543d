import { attributeType } from "./attribute-type.ts";
import { contextOf, type HtmlContext, isInTag, TEXT_CONTEXT } from "./context.ts";
import type { EscapeInput } from "./stringify.ts";
import { stepIn, valueEnd } from "./transitions.ts";

/** What takes the place of a value that is not safe where it stands. */
export const FILTERED = "ZgotmplZ";

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "&": "&amp;",
  "'": "&#39;",
  "+": "&#43;",
  "<": "&lt;",
  ">": "&gt;",
};

/** Text for an element or a quoted attribute; `isNormal` leaves character references as they are. */
function escapeText(text: string, isNormal: boolean): string {
  return text.replace(isNormal ? /[\0"'+<>]/g : /[\0"&'+<>]/g, (char) => HTML[char] ?? char);
}

function escapeUnquoted(text: string, isNormal: boolean): string {
  const special = isNormal
    ? /[\0\t\n\v\f\r "'+<=>`\ufdd0-\ufdef\ufff0-\uffff]/g
    : /[\0\t\n\v\f\r "&'+<=>`\ufdd0-\ufdef\ufff0-\uffff]/g;
  return text.replace(special, (char) => {
    const code = char.charCodeAt(0);
    if (code === 0) return "&#xfffd;";
    if (code >= 0x80) return `&#x${code.toString(16)};`;
    return HTML[char] ?? `&#${code};`;
  });
}

/** The text of HTML without its tags, as it may stand in an attribute. */
function stripTags(html: string): string {
  let context: HtmlContext = TEXT_CONTEXT;
  let text = "";
  let isAllText = true;
  let at = 0;
  while (at < html.length) {
    const rest = html.slice(at);
    if (context.delimiter !== "None") {
      const end = valueEnd(context.delimiter, rest);
      if (end < 0) break;
      at += context.delimiter === "SpaceOrTagEnd" ? end : end + 1;
      context = contextOf("Tag", { element: context.element });
      continue;
    }
    const state = context.element !== "None" && !isInTag(context.state) ? "RCDATA" : context.state;
    const [next, length] = stepIn(state, context, rest);
    const isText = context.state === "Text" || context.state === "RCDATA";
    if (isText) {
      const open = next.state === context.state ? -1 : rest.slice(0, length).lastIndexOf("<");
      text += rest.slice(0, open < 0 ? length : open);
    } else isAllText = false;
    if (length === 0 && next.state === context.state) break;
    context = next;
    at += length;
  }
  if (isAllText) return html;
  return context.state === "Text" || context.state === "RCDATA" ? text + html.slice(at) : text;
}

/** A value between tags. */
export function htmlEscaper({ text, kind }: EscapeInput): string {
  return kind === "html" ? text : escapeText(text, false);
}

/** A value in `title` and `textarea`. */
export function rcdataEscaper({ text, kind }: EscapeInput): string {
  return escapeText(text, kind === "html");
}

/** A value in a quoted attribute. */
export function attributeEscaper({ text, kind }: EscapeInput): string {
  return kind === "html" ? escapeText(stripTags(text), true) : escapeText(text, false);
}

/** A value in an attribute without quotes. */
export function noSpaceEscaper({ text, kind }: EscapeInput): string {
  if (text === "") return FILTERED;
  return kind === "html" ? escapeUnquoted(stripTags(text), true) : escapeUnquoted(text, false);
}

/** The name of an attribute: letters and digits, and no name that has a meaning of its own. */
export function nameFilter({ text, kind }: EscapeInput): string {
  if (kind === "attribute") return text;
  const name = text.toLowerCase();
  return attributeType(name) === "Plain" && /^[0-9a-z]+$/.test(name) ? name : FILTERED;
}
