const WORD_PART = /[\p{L}\p{N}\p{M}_']/u;
/** Letters that look like two and have a form of their own at the start of a word. */
const DIGRAPHS: Readonly<Record<string, string>> = { Ǆ: "ǅ", Ǉ: "ǈ", Ǌ: "ǋ", Ǳ: "ǲ" };

/** A character in another case as Go maps it: one to one, or not at all. */
function mapOne(char: string, mapped: string): string {
  return Array.from(mapped).length === 1 ? mapped : char;
}

/** Go's `strings.ToUpper`: each character by itself, so that `ß` stays. */
export function toUpper(text: string): string {
  return Array.from(text, (char) => mapOne(char, char.toUpperCase())).join("");
}

/** Go's `strings.ToLower`: each character by itself. */
export function toLower(text: string): string {
  return Array.from(text, (char) => (char === "İ" ? "i" : mapOne(char, char.toLowerCase()))).join("");
}

function toTitle(char: string): string {
  const upper = mapOne(char, char.toUpperCase());
  return DIGRAPHS[upper] ?? upper;
}

/** The first letter of every word in upper case, the others as they are (Go's `strings.Title`). */
export function titleOfWords(text: string): string {
  let out = "";
  let previous = " ";
  for (const char of text) {
    const isStart = !/[\p{L}\p{Nd}_]/u.test(previous) && (previous.codePointAt(0) ?? 0) < 0x80;
    const isSpaceBefore = /\s/u.test(previous);
    out += isStart || isSpaceBefore ? toTitle(char) : char;
    previous = char;
  }
  return out;
}

/** A letter at the start of a word, which Unicode may write as two: `Ss`. */
function titleLetter(char: string): string {
  const [first = "", ...rest] = Array.from(char.toUpperCase());
  return (DIGRAPHS[first] ?? first) + rest.join("").toLowerCase();
}

/** The first letter of every word in upper case, the others in lower case (`cases.Title` of golang.org/x/text). */
export function titleCase(text: string): string {
  let out = "";
  let isInWord = false;
  for (const char of text) {
    const isPart = WORD_PART.test(char);
    if (!isPart) {
      out += char;
      isInWord = false;
    } else if (isInWord) out += char.toLowerCase();
    else {
      const isLetter = /\p{L}/u.test(char);
      out += isLetter ? titleLetter(char) : char;
      isInWord = isLetter || /\p{N}/u.test(char);
    }
  }
  return out;
}

/** Without Go's white space at both ends. */
export function trimSpace(text: string): string {
  return text.replace(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, "");
}
