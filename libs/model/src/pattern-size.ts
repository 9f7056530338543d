/** Classes such as `\pL` are made of hundreds of ranges. */
const UNICODE_CLASS_SIZE = 16;

/**
 * About how many instructions a pattern becomes when it is compiled: counted repetitions (`x{1000}`) multiply what they
 * repeat. Looks at the text only and never throws; a broken pattern gets any number.
 */
export function patternSize(pattern: string): number {
  /** Sizes of the groups that are open, the outermost first. */
  const open: number[] = [];
  let size = 0;
  /** Of what a repetition right after it would repeat. */
  let last = 0;
  const take = (atom: number): void => {
    last = atom;
    size += atom;
  };
  for (let i = 0; i < pattern.length; i++) {
    switch (pattern.charAt(i)) {
      case "\\":
        i++;
        take(/[pP]/.test(pattern.charAt(i)) ? UNICODE_CLASS_SIZE : 1);
        break;
      case "[":
        i = endOfClass(pattern, i);
        take(1);
        break;
      case "(":
        open.push(size);
        size = 0;
        break;
      case ")": {
        const group = size + 2;
        size = open.pop() ?? 0;
        take(group);
        break;
      }
      case "{": {
        const [text, least = "", most = ""] = /^\{(\d{1,6})(?:,(\d{0,6}))?\}/.exec(pattern.slice(i, i + 16)) ?? [];
        if (text === undefined) {
          take(1);
          break;
        }
        i += text.length - 1;
        const repeated = last * Math.max(Number(least), Number(most), 1);
        size += repeated - last;
        last = repeated;
        break;
      }
      default:
        take(1);
    }
  }
  return open.reduce((sum, outer) => sum + outer, size);
}

/** The index of the bracket that closes a class; the pattern's end where none does. */
function endOfClass(pattern: string, start: number): number {
  // A bracket right after the opening stands for itself.
  let i = pattern[start + 1] === "^" ? start + 2 : start + 1;
  if (pattern[i] === "]") i++;
  for (; i < pattern.length; i++) {
    if (pattern[i] === "\\") i++;
    else if (pattern[i] === "]") return i;
  }
  return pattern.length;
}
