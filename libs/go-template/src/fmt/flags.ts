/** The flags of one verb in a format. */
export interface FormatFlags {
  readonly sharp: boolean;
  readonly zero: boolean;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly space: boolean;
  /** `%#v`: Go syntax. */
  readonly sharpV: boolean;
  /** `%+v`: structs with the names of their fields. */
  readonly plusV: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** No flags, as for `%v`. */
export const PLAIN_FLAGS: FormatFlags = {
  sharp: false,
  zero: false,
  plus: false,
  minus: false,
  space: false,
  sharpV: false,
  plusV: false,
  width: undefined,
  precision: undefined,
};

function runeCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** A text filled up to the width of the flags, on the left unless `-` is given. */
export function pad(text: string, flags: FormatFlags, mayZero = true): string {
  const missing = (flags.width ?? 0) - runeCount(text);
  if (missing <= 0) return text;
  if (flags.minus) return text + " ".repeat(missing);
  return (flags.zero && mayZero ? "0" : " ").repeat(missing) + text;
}

/** The first characters of a text, as many as the precision says. */
export function truncate(text: string, flags: FormatFlags): string {
  if (flags.precision === undefined || text.length <= flags.precision) return text;
  let kept = "";
  let left = flags.precision;
  for (const char of text) {
    if (left-- <= 0) break;
    kept += char;
  }
  return kept;
}
