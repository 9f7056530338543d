import { messageOf } from "@monotreme/errors";
import { RE2JS } from "re2js";
import { canBackquote, quoteGo } from "../fmt/quote.ts";
import { TemplateFunctionError } from "../template-error.ts";
import { goFunction } from "../value/go-function.ts";
import { STRING } from "../value/parameter-types.ts";

const MAX_CACHED = 200;
const compiled = new Map<string, RE2JS>();

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  try {
    const made = RE2JS.compile(pattern);
    if (compiled.size >= MAX_CACHED) compiled.clear();
    compiled.set(pattern, made);
    return made;
  } catch (error) {
    throw new TemplateFunctionError(messageOf(error));
  }
}

/** Go's `regexp.MustCompile`, whose panic names the pattern. */
function mustCompile(pattern: string): RE2JS {
  try {
    return compile(pattern);
  } catch (error) {
    const shown = canBackquote(pattern) ? `\`${pattern}\`` : quoteGo(pattern);
    throw new TemplateFunctionError(`regexp: Compile(${shown}): ${messageOf(error)}`);
  }
}

/** What a `$name` in a replacement stands for, as Go's `Regexp.Expand` reads it; a group that does not exist is empty. */
function expand(template: string, groupOf: (name: string) => string): string {
  return template.replace(/\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu, (_, dollar, bare, braced) => {
    if (typeof dollar === "string") return "$";
    return groupOf(String(bare ?? braced));
  });
}

/** Go's `Regexp.ReplaceAllString`. */
function replaceAll(pattern: string, replacement: string, text: string, checkLength: (length: number) => void): string {
  const matcher = mustCompile(pattern).matcher(text);
  let out = "";
  let last = 0;
  let lastEmptyAllowedAt = -1;
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    // Go takes no empty match right after a match.
    if (start === end && start === lastEmptyAllowedAt) continue;
    out += text.slice(last, start);
    out += expand(replacement, (name) => groupText(matcher, name));
    checkLength(out.length);
    last = end;
    lastEmptyAllowedAt = end;
  }
  return out + text.slice(last);
}

type Matcher = ReturnType<RE2JS["matcher"]>;

function groupText(matcher: Matcher, name: string): string {
  const number = /^\d+$/.test(name) ? Number(name) : undefined;
  if (number !== undefined) return number <= matcher.groupCount() ? (matcher.group(number) ?? "") : "";
  try {
    return matcher.group(name) ?? "";
  } catch {
    return "";
  }
}

const MAX_REPLACED_LENGTH = 8 * 1024 * 1024;

/** `match` and `reReplaceAll`, with RE2's syntax. */
export const REGULAR_EXPRESSION_FUNCTIONS = {
  match: goFunction([STRING, STRING], (pattern, text) => compile(pattern).matcher(text).find()),
  reReplaceAll: goFunction([STRING, STRING, STRING], (pattern, replacement, text) =>
    replaceAll(pattern, replacement, text, (length) => {
      if (length > MAX_REPLACED_LENGTH) throw new TemplateFunctionError("the text that reReplaceAll makes is too long");
    }),
  ),
};
