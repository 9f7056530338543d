/**
 * Orders strings by their UTF-8 bytes, as Go (and so every Prometheus client) does. UTF-16 order differs only where a
 * surrogate meets a code unit above the surrogate range.
 */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return liftSurrogate(left) - liftSurrogate(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, which sort after everything in the basic plane. */
function liftSurrogate(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
