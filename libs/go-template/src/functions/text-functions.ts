const WORD_PART = /[\p{L}\p{N}\p{M}_']/u;

/** The first letter of every word in upper case, the others as they are (Go's `strings.Title`). */
export function titleOfWords(text: string): string {
  let out = "";
  let previous = " ";
  for (const char of text) {
    const isStart = !/[\p{L}\p{Nd}_]/u.test(previous) && (previous.codePointAt(0) ?? 0) < 0x80;
    const isSpaceBefore = /\s/u.test(previous);
    out += isStart || isSpaceBefore ? char.toUpperCase() : char;
    previous = char;
  }
  return out;
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
      out += isLetter ? char.toUpperCase() : char;
      isInWord = isLetter || /\p{N}/u.test(char);
    }
  }
  return out;
}

/** Without Go's white space at both ends. */
export function trimSpace(text: string): string {
  return text.replace(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, "");
}
