import { MATCH_OPERATORS, type MatchOperator } from "./label-matcher.ts";
import { MatcherParseError } from "./matcher-parse-error.ts";
import { unquoteGoString } from "./go-string.ts";

/** A piece of a list of matchers; columns count characters. */
export type MatcherToken =
  | { readonly kind: "{" | "}" | "," | "end"; readonly text: string; readonly at: string }
  | { readonly kind: "operator"; readonly operator: MatchOperator; readonly text: string; readonly at: string }
  | { readonly kind: "text"; readonly value: string; readonly text: string; readonly at: string };

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/y;
const TOKEN =
  /([{},])|(=~|!=|!~|=)|("(?:\\.|[^\\"])*")|([^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{}!=~,\\"'`]+)/suy;

/** The pieces of a list of matchers, an `end` last; throws {@link MatcherParseError} where there is no piece. */
export function tokenizeMatchers(input: string): readonly MatcherToken[] {
  const tokens: MatcherToken[] = [];
  let column = 0;
  let offset = 0;
  for (;;) {
    SPACE.lastIndex = offset;
    const space = SPACE.exec(input)?.[0] ?? "";
    column += space.length;
    offset += space.length;
    if (offset === input.length) return [...tokens, { kind: "end", text: "", at: `${column}:${column}` }];
    TOKEN.lastIndex = offset;
    const match = TOKEN.exec(input);
    if (match === null) throw new MatcherParseError(noToken(input, offset, column));
    const text = match[0];
    const end = column + Array.from(text).length;
    tokens.push(tokenOf(match, `${column}:${end}`));
    column = end;
    offset += text.length;
  }
}

function tokenOf(match: RegExpExecArray, at: string): MatcherToken {
  const [text, sign, operatorText, quoted] = match;
  if (sign === "{" || sign === "}" || sign === ",") return { kind: sign, text, at };
  const operator = MATCH_OPERATORS.find((each) => each === operatorText);
  if (operator !== undefined) return { kind: "operator", operator, text, at };
  const value = quoted === undefined ? text : unquoteGoString(quoted);
  if (value === undefined) throw new MatcherParseError(`${at}: ${text}: invalid input`);
  return { kind: "text", value, text, at };
}

function noToken(input: string, offset: number, column: number): string {
  const rest = Array.from(input.slice(offset));
  const [first = ""] = rest;
  if (first === '"') return `${column}:${column + rest.length}: ${rest.join("")}: missing end "`;
  if (first === "!") return `${column}:${column + 1}: ${first}: expected one of '=~'`;
  return `${column}:${column + 1}: ${first}: invalid input`;
}
