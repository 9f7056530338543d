import { Matcher, type MatchType, plainAlternatives } from "./matcher.ts";
import { patternSize } from "./pattern-size.ts";

/** What the patterns of one request come to at most: some 300 ms of compiling. */
const MAX_TOTAL_SIZE = 65_536;

/**
 * Bounds the regular expressions of one request: takes note of each before it is compiled, and throws a `RangeError`
 * once they come to more than some 65,000 instructions. Plain alternatives (`a|b`) are no automaton and cost nothing.
 */
export class PatternBudget {
  #left = MAX_TOTAL_SIZE;

  /** A matcher; throws for a bad pattern too. */
  matcher(type: MatchType, name: string, value: string): Matcher {
    if ((type === "=~" || type === "!~") && plainAlternatives(value) === undefined) this.spend(value);
    return new Matcher(type, name, value);
  }

  spend(pattern: string): void {
    // Broken ones and the shortest cost something, too.
    this.#left -= patternSize(pattern) + 16;
    if (this.#left < 0) throw new RangeError("error parsing regexp: expressions too large together");
  }
}
