/**
 * Letters whose single upper-case form JavaScript does not give, because its mapping makes several letters of them:
 * from the first number to the second, moved by the third (Unicode's simple case mappings).
 */
const SIMPLE_UPPER: readonly (readonly [number, number, number])[] = [
  [0x1f80, 0x1f87, 8],
  [0x1f90, 0x1f97, 8],
  [0x1fa0, 0x1fa7, 8],
  [0x1fb3, 0x1fb3, 9],
  [0x1fc3, 0x1fc3, 9],
  [0x1ff3, 0x1ff3, 9],
];

const ASCII = /^[\0-\x7f]*$/;

/** Upper case letter by letter as Go does it: no letter becomes two (`ß` stays `ß`). */
export function upperCase(text: string): string {
  if (ASCII.test(text)) return text.toUpperCase();
  return Array.from(text, upperLetter).join("");
}

/** Lower case letter by letter as Go does it: no rules that look at the neighbours (`Σ` is always `σ`). */
export function lowerCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return Array.from(text, lowerLetter).join("");
}

function upperLetter(letter: string): string {
  const upper = letter.toUpperCase();
  if (isOneLetter(upper)) return upper;
  const code = letter.codePointAt(0) ?? 0;
  const range = SIMPLE_UPPER.find(([first, last]) => code >= first && code <= last);
  return range === undefined ? letter : String.fromCodePoint(code + range[2]);
}

function lowerLetter(letter: string): string {
  const lower = letter.toLowerCase();
  // The one letter whose lower case is two (U+0130) keeps the first of them.
  return isOneLetter(lower) ? lower : lower.charAt(0);
}

function isOneLetter(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);
}
