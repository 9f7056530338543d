import { parser as lezerParser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ParseError } from "./parse-error.ts";
import { parseExpression } from "./parse-expression.ts";

/** Tokens that Prometheus' editor grammar knows as well as its own parser does. */
const WORDS =
  'a sum( rate( abs( by( on( ignoring( group_left bool fill( and or atan2 5m 1 0x1f 1e3 inf "s" \'t\' ` ` ( ) ) ) { } x= "v" [5m] [1h:] , @ == =~ + - * ^ </ step() start() # smoothed'
    .split(" ")
    // A metric named offset is accepted by Prometheus' own parser, but not by its editor's grammar.
    .concat("offset 5m");

function accepts(query: string): boolean {
  try {
    parseExpression(query, { experimentalFunctions: true, extendedRangeSelectors: true, binopFillModifiers: true });
    return true;
  } catch (thrown) {
    if (thrown instanceof ParseError) return false;
    throw thrown;
  }
}

function isErrorFree(query: string): boolean {
  let isFree = true;
  lezerParser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) isFree = false;
    },
  });
  return isFree;
}

test("expression parser - accepts nothing that Prometheus' own grammar refuses", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 7 }), (words) => {
      const query = words.join(" ");
      if (!accepts(query)) return;
      accepted++;
      expect(isErrorFree(query), query).toBe(true);
    }),
    { numRuns: 5000 },
  );
  expect(accepted).toBeGreaterThan(20);
});
