import { createLabelMatcher } from "./create-label-matcher.ts";
import type { LabelMatcher } from "./label-matcher.ts";
import { MatcherParseError } from "./matcher-parse-error.ts";
import { type MatcherToken, tokenizeMatchers } from "./matcher-tokens.ts";

/**
 * Matchers by the rules of UTF-8: names and values stand bare or as Go strings in double quotes, braces are optional
 * but come in pairs, and one comma may follow the last matcher.
 */
export function parseUtf8Matchers(input: string): readonly LabelMatcher[] {
  const tokens = tokenizeMatchers(input);
  const matchers: LabelMatcher[] = [];
  let next = 0;
  const hasBrace = tokens[0]?.kind === "{";
  if (hasBrace) next++;
  while (tokens[next]?.kind === "text" || isUnexpected(tokens[next])) {
    matchers.push(readMatcher(tokens, next));
    next += 3;
    if (tokens[next]?.kind === ",") next++;
    else if (tokens[next]?.kind !== "}" && tokens[next]?.kind !== "end") {
      fail(tokens[next], "expected a comma or close brace");
    }
  }
  closeBrace(tokens, next, hasBrace);
  return matchers;
}

/** Neither a matcher nor the end of the list: read on, so that the fault says what was expected. */
function isUnexpected(token: MatcherToken | undefined): boolean {
  return token?.kind === "{" || token?.kind === "," || token?.kind === "operator";
}

function readMatcher(tokens: readonly MatcherToken[], at: number): LabelMatcher {
  const [name, operator, value] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  if (name?.kind !== "text") return fail(name, "expected label name");
  if (operator?.kind !== "operator") return fail(operator, "expected an operator such as '=', '!=', '=~' or '!~'");
  if (value?.kind !== "text") return fail(value, "expected label value");
  return createLabelMatcher(operator.operator, name.value, value.value);
}

function closeBrace(tokens: readonly MatcherToken[], at: number, hasBrace: boolean): void {
  const token = tokens[at];
  if (token?.kind === "}" && !hasBrace) throw new MatcherParseError(`${token.at}: }: expected opening brace`);
  if (token?.kind !== "}" && hasBrace) fail(token, "expected close brace");
  const last = token?.kind === "}" ? tokens[at + 1] : token;
  if (last !== undefined && last.kind !== "end") {
    throw new MatcherParseError(`${last.at}: ${last.text}: expected end of input`);
  }
}

function fail(token: MatcherToken | undefined, expected: string): never {
  const found = token === undefined || token.kind === "end" ? "end of input" : `${token.at}: unexpected ${token.text}`;
  throw new MatcherParseError(`${found}: ${expected}`);
}
