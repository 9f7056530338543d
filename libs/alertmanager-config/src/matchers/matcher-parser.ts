import { isLegacyLabelName } from "@monotreme/model";
import { parseClassicMatcher, parseClassicMatchers } from "./classic-matchers.ts";
import type { LabelMatcher } from "./label-matcher.ts";
import { MatcherParseError } from "./matcher-parse-error.ts";
import { parseUtf8Matchers } from "./utf8-matchers.ts";

/** `fallback` is upstream's default; the others are its feature flags `classic-mode` and `utf8-strict-mode`. */
export type MatcherMode = "fallback" | "classic" | "utf8";

/** Reads matchers in one mode. Throws {@link MatcherParseError}. */
export interface MatcherParser {
  readonly mode: MatcherMode;
  /** A list, separated by commas, in braces or not. `onWarning` is told of what the UTF-8 rules read differently. */
  parseMatchers(input: string, onWarning?: (text: string) => void): readonly LabelMatcher[];
  /** Exactly one; braces are an error unless the mode is `classic`. For filters of the API and arguments. */
  parseMatcher(input: string, onWarning?: (text: string) => void): LabelMatcher;
  /** Whether a label may have this name. */
  isLabelName(name: string): boolean;
}

/** The parser of one mode; holds no state. */
export function createMatcherParser(mode: MatcherMode): MatcherParser {
  return {
    mode,
    parseMatchers: (input, onWarning = ignore) => {
      if (mode === "classic") return parseClassicMatchers(input);
      return mode === "utf8"
        ? parseUtf8Matchers(input)
        : withFallback({ input, onWarning, utf8: parseUtf8Matchers, classic: parseClassicMatchers });
    },
    parseMatcher: (input, onWarning = ignore) => {
      if (mode === "classic") return parseClassicMatcher(input);
      if (input.startsWith("{") || input.endsWith("}")) {
        throw new MatcherParseError(`unexpected open or close brace: ${input}`);
      }
      return mode === "utf8"
        ? parseUtf8Matcher(input)
        : only(
            withFallback({
              input,
              onWarning,
              utf8: (text) => [parseUtf8Matcher(text)],
              classic: (text) => [parseClassicMatcher(text)],
            }),
          );
    },
    isLabelName: (name) => (mode === "classic" ? isLegacyLabelName(name) : name !== "" && !SURROGATE.test(name)),
  };
}

/** Half of a character, which no UTF-8 holds. */
const SURROGATE = /\p{Surrogate}/u;

function ignore(): void {
  // Whoever does not ask for warnings gets none.
}

function parseUtf8Matcher(input: string): LabelMatcher {
  return only(parseUtf8Matchers(input));
}

function only(matchers: readonly LabelMatcher[]): LabelMatcher {
  const [matcher] = matchers;
  if (matcher === undefined) throw new MatcherParseError("no matchers");
  if (matchers.length > 1) throw new MatcherParseError(`expected 1 matcher, found ${matchers.length}`);
  return matcher;
}

type ParseFunction = (input: string) => readonly LabelMatcher[];

interface FallbackOptions {
  readonly input: string;
  readonly utf8: ParseFunction;
  readonly classic: ParseFunction;
  readonly onWarning: (text: string) => void;
}

/** Where the two sets of rules disagree the classic ones win, so that old files keep their meaning. */
function withFallback({ input, utf8, classic, onWarning }: FallbackOptions): readonly LabelMatcher[] {
  const modern = attempt(utf8, input);
  const old = attempt(classic, input);
  if (old instanceof MatcherParseError) {
    if (modern instanceof MatcherParseError) throw old;
    return modern;
  }
  if (modern instanceof MatcherParseError) {
    onWarning(
      `matchers ${JSON.stringify(input)} are not valid by the UTF-8 rules (${modern.message}) and are read by the ` +
        `classic ones; write ${old.join(",")} instead`,
    );
    return old;
  }
  const isSame = old.length === modern.length && old.every((matcher, at) => modern[at]?.equals(matcher) === true);
  if (isSame) return modern;
  onWarning(
    `matchers ${JSON.stringify(input)} mean ${modern.join(",")} by the UTF-8 rules but ${old.join(",")} by the ` +
      "classic ones, which are used",
  );
  return old;
}

function attempt(parse: ParseFunction, input: string): readonly LabelMatcher[] | MatcherParseError {
  try {
    return parse(input);
  } catch (error) {
    if (error instanceof MatcherParseError) return error;
    throw error;
  }
}
