const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;

/** Whether Go's `strconv.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrintable(point: number): boolean {
  if (point >= 0x20 && point < 0x7f) return true;
  if (point < 0xa1 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
  return PRINTABLE.test(String.fromCodePoint(point));
}
