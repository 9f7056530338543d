import { createLabelMatcher } from "./create-label-matcher.ts";
import { type LabelMatcher, MATCH_OPERATORS } from "./label-matcher.ts";
import { MatcherParseError } from "./matcher-parse-error.ts";

/** White space of Go's regular expressions. */
const HEAD = /[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|!=|!~|=)[\t\n\f\r ]*/y;

/** Matchers by the rules before UTF-8: braces are optional at either end, values may stand without quotes. */
export function parseClassicMatchers(input: string): readonly LabelMatcher[] {
  const withoutOpen = input.startsWith("{") ? input.slice(1) : input;
  const text = withoutOpen.endsWith("}") ? withoutOpen.slice(0, -1) : withoutOpen;
  return splitAtCommas(text).map(parseClassicMatcher);
}

function splitAtCommas(text: string): readonly string[] {
  const tokens: string[] = [];
  let isQuoted = false;
  let isEscaped = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "," && !isQuoted) {
      tokens.push(text.slice(start, at));
      start = at + 1;
    } else if (character === "\\") isEscaped = !isEscaped;
    else {
      if (character === '"' && !isEscaped) isQuoted = !isQuoted;
      // Upstream does not end an escape at a quoted comma.
      if (character !== ",") isEscaped = false;
    }
  }
  const last = text.slice(start).trim();
  return last === "" ? tokens : [...tokens, last];
}

/** One matcher by the rules before UTF-8. */
export function parseClassicMatcher(input: string): LabelMatcher {
  HEAD.lastIndex = 0;
  const head = HEAD.exec(input);
  const operator = MATCH_OPERATORS.find((each) => each === head?.[2]);
  if (head === null || operator === undefined) throw new MatcherParseError(`bad matcher format: ${input}`);
  const raw = trimEnd(input.slice(head[0].length));
  return createLabelMatcher(operator, head[1] ?? "", unescapeValue(raw));
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && "\t\n\f\r ".includes(text[end - 1] ?? "x")) end--;
  return text.slice(0, end);
}

/** A backslash before anything but `\`, `n` and `"` stands for itself. */
function unescapeValue(raw: string): string {
  const isQuoted = raw.startsWith('"');
  const text = isQuoted ? raw.slice(1) : raw;
  const unescaped = (): never => {
    throw new MatcherParseError(`matcher value contains unescaped double quote: ${raw}`);
  };
  let value = "";
  let isClosed = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    const next = text[at + 1];
    if (character === "\\" && next !== undefined) {
      value += next === "n" ? "\n" : next === '"' || next === "\\" ? next : `\\${next}`;
      at++;
    } else if (character === '"') {
      if (!isQuoted || next !== undefined) unescaped();
      isClosed = true;
    } else value += character;
  }
  if (isQuoted && !isClosed) unescaped();
  return value;
}
