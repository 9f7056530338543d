import type { PositionRange } from "../ast.ts";

/** A query's text with what is needed to say where its nodes stand, in logarithmic time each. */
export class QueryText {
  readonly text: string;
  /** Offsets at which lines start. */
  readonly #lines: readonly number[];
  /** Offsets of the second halves of surrogate pairs, which are no characters of their own. */
  readonly #halves: readonly number[];

  constructor(text: string) {
    this.text = text;
    this.#lines = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
    this.#halves = Array.from(text.matchAll(/[\u{10000}-\u{10ffff}]/gu), ({ index }) => index + 1);
  }

  /** The range between two UTF-16 offsets, with its line and column. */
  position(start: number, end: number): PositionRange {
    const line = countUpTo(this.#lines, start);
    const lineStart = this.#lines[line - 1] ?? 0;
    const halves = countUpTo(this.#halves, start) - countUpTo(this.#halves, lineStart);
    return { start, end, line, column: start - lineStart - halves + 1 };
  }
}

/** How many of the rising numbers are at most `limit`. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
